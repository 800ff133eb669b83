"""The survey: reads, and only reads, everything around a labeling job that its preflight checks need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from gt_vpc_nb.aws.sessions import asking, clock_of, open_session, place_of
from gt_vpc_nb.aws.surveying_buckets import survey_bucket
from gt_vpc_nb.aws.surveying_clients import Clients
from gt_vpc_nb.aws.surveying_data import (
    SAMPLE_OBJECTS,
    SEQUENCES,
    sequences_in,
    spread,
    survey_leftovers,
    survey_manifest,
    survey_object,
    survey_rendering,
    survey_text,
)
from gt_vpc_nb.aws.surveying_jobs import (
    earlier_names,
    survey_earlier,
    survey_model,
    survey_running,
    survey_same_name,
)
from gt_vpc_nb.aws.surveying_network import survey_network
from gt_vpc_nb.aws.surveying_people import described_team, survey_team, survey_workforce
from gt_vpc_nb.aws.surveying_roles import survey_caller, survey_role
from gt_vpc_nb.aws.surveying_services import (
    INPUT_TOPIC,
    named_keys,
    named_topics,
    own_functions,
    survey_function,
    survey_key,
    survey_queue,
    survey_quotas,
    survey_topic,
)
from gt_vpc_nb.preflight import places
from gt_vpc_nb.preflight.surroundings import Bucket, Manifest, Surroundings, Unknown

THREADS = 12
#: Data objects may lie in many buckets; so many beyond those that the request names are looked at.
_FURTHER_BUCKETS = 4


def survey_request(
    request: Mapping[str, Any],
    session: Any = None,
    *,
    region: str | None = None,
    vpc: str | None = None,
    vpc_endpoints: Sequence[str] = (),
    files: Mapping[str, bytes] | None = None,
) -> Surroundings:
    """Surveys what a CreateLabelingJob request points to: 12 calls at a time, none of which changes anything.

    An ordinary job takes at most 40 calls; automated labeling reads up to 12 pages of SageMaker's quotas besides.
    `files` maps s3:// URIs that `submit` has yet to write to their content. What the caller may not read becomes an
    `Unknown` with AWS's error code and the action. Raises AwsError without credentials or without a Region.
    """
    opened = open_session(session)
    clients = Clients(opened, region or opened.region_name)
    # STS has a global endpoint, so an account can be named before a Region is.
    sts = clients("sts", clients.region or "us-east-1")
    with asking("asking STS who you are"):
        caller = sts.get_caller_identity()
    with ThreadPoolExecutor(THREADS) as pool:
        around = _around(pool, request, caller, clients, vpc=vpc, vpc_endpoints=vpc_endpoints)
        running = pool.submit(_running, request, clients)
        data = _data(pool, request, clients, files or {})
        jobs_in_progress, used_before = running.result()
        found = Surroundings(
            place=place_of(opened),
            region=clients.region,
            account=caller["Account"],
            taken_at=clock_of(opened).now().isoformat(timespec="seconds"),
            jobs_in_progress=jobs_in_progress,
            used_before=used_before,
            **data,
            **{name: future.result() for name, future in around.items()},
        )
        return _afterwards(pool, request, found, clients)


def _around(
    pool: Executor,
    request: Mapping[str, Any],
    caller: Mapping[str, Any],
    clients: Clients,
    *,
    vpc: str | None,
    vpc_endpoints: Sequence[str],
) -> dict[str, Future[Any]]:
    """Starts the reading of everything but the data; the keys are Surroundings' fields.

    What waits for another reading is submitted after it: a full pool then still moves on.
    """
    arn, team = str(request.get("RoleArn") or ""), str(places.member(request, places.WORK_TEAM) or "")
    described = pool.submit(described_team, team, clients)
    workforce = pool.submit(survey_workforce, described, clients)
    network = survey_network(pool, request, clients, workforce, vpc=vpc, vpc_endpoints=vpc_endpoints)
    role = pool.submit(lambda: survey_role(arn, clients("iam")) if arn else None)
    name = str(request.get("LabelingJobName") or "")
    return {
        **network,
        "workforce": workforce,
        "work_team": pool.submit(survey_team, team, described, clients),
        "role": role,
        "same_name_job": pool.submit(survey_same_name, name, clients),
        "initial_model": pool.submit(survey_model, request, clients),
        "queue": pool.submit(survey_queue, request, clients),
        "quotas": pool.submit(survey_quotas, request, clients),
        "caller": pool.submit(survey_caller, caller, request, role, clients),
    }


def _running(request: Mapping[str, Any], clients: Clients) -> tuple[Any, Any]:
    if not places.named_buckets(request):
        unasked = Unknown("not asked: the request names no bucket")
        return unasked, unasked
    return survey_running(clients)


def _data(pool: Executor, request: Mapping[str, Any], clients: Clients, files: Mapping[str, bytes]) -> dict[str, Any]:
    """Buckets, topics, functions, files, the manifest and some of its objects, by Surroundings' fields."""
    s3 = clients("s3") if places.named_buckets(request) else None
    named = [pool.submit(_bucket, name, request, clients) for name in places.named_buckets(request)]
    topics = [pool.submit(survey_topic, arn, clients) for arn in named_topics(request)]
    functions = [pool.submit(survey_function, *each, clients) for each in own_functions(request, clients.region)]
    template, categories = (
        pool.submit(survey_text, places.member(request, path), s3, files)
        for path in (places.TEMPLATE, places.CATEGORIES)
    )
    leftovers = pool.submit(survey_leftovers, request, s3)
    manifest, uris = survey_manifest(request, s3, files)
    task = places.task_of(request)
    sequences = sequences_in(task, uris)[:SEQUENCES]
    texts = [pool.submit(survey_text, uri, s3, {}) for uri in sequences]
    # Functions of one's own take calls of their own; fewer objects keep such a survey within forty.
    objects = [pool.submit(survey_object, uri, s3) for uri in spread(uris, SAMPLE_OBJECTS - len(functions))]
    further = [pool.submit(_bucket, name, request, clients) for name in _further(request, manifest)]
    frames = task is not None and task.modality == "video frame" and task.base_task is not None
    earlier = pool.submit(survey_earlier, earlier_names(request, manifest), clients, forms=frames)
    return {
        "manifest": manifest,
        "template": template.result(),
        "category_file": categories.result(),
        "leftovers": leftovers.result(),
        "earlier_jobs": earlier.result(),
        **{
            name: tuple(each.result() for each in futures)
            for name, futures in (
                ("buckets", (*named, *further)),
                ("topics", topics),
                ("functions", functions),
                ("sequence_files", texts),
                ("data_objects", objects),
            )
        },
    }


def _bucket(name: str, request: Mapping[str, Any], clients: Clients) -> Bucket:
    output = places.split_uri(places.member(request, places.OUTPUT))
    return survey_bucket(
        name,
        clients("s3"),
        written=output is not None and output[0] == name,
        streaming=bool(places.member(request, INPUT_TOPIC)),
    )


def _further(request: Mapping[str, Any], manifest: Any) -> list[str]:
    named = places.named_buckets(request)
    found = [each.name for each in manifest.buckets] if isinstance(manifest, Manifest) else []
    return [name for name in found if name not in named][:_FURTHER_BUCKETS]


def _afterwards(pool: Executor, request: Mapping[str, Any], found: Surroundings, clients: Clients) -> Surroundings:
    """What only the rest tells how to ask: the keys that buckets and topics name, and how the template is rendered."""
    names = named_keys(request, found.buckets, found.data_objects, found.topics)
    keys = [pool.submit(survey_key, name, clients) for name in names]
    rendered = survey_rendering(request, found, clients)
    return replace(found, rendered=rendered, keys=tuple(each.result() for each in keys))
