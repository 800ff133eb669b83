"""The magics about labeling jobs: jobs, watch, diagnose, stop, labels, template, job, submit, form."""

from __future__ import annotations

from typing import Any

from gt_vpc_nb.commands import FORMS
from gt_vpc_nb.errors import CommandError, near_miss
from gt_vpc_nb.magics_call import Call, called


def jobs(call: Call) -> Any:
    """The account's labeling jobs."""
    from gt_vpc_nb.jobs import labeling_jobs

    asked = {"regions": call.options.region, "status": call.options.status, "name_contains": call.options.name}
    call.python("labeling_jobs", called("labeling_jobs", session=call.session_code, **asked))
    return labeling_jobs(session=call.session, **{name: value for name, value in asked.items() if value})


def watch(call: Call) -> Any:
    """How jobs get on, until they end: several in one view."""
    from gt_vpc_nb.jobs_watching import watch as watch_jobs

    names = list(dict.fromkeys(call.options.names))
    if len(names) == 1:
        return _one(call, names[0], ".watch()").watch()
    asked = called(
        "watch", [getattr(each, "name", each) for each in names], session=call.session_code, region=call.options.region
    )
    call.python("", "from gt_vpc_nb.jobs_watching import watch", asked)
    return watch_jobs(names, call.session, call.options.region)


def diagnose(call: Call) -> Any:
    """Why a job failed or does not get on."""
    return _one(call, call.options.name, ".diagnose()").diagnose()


def stop(call: Call) -> Any:
    """Stops a job."""
    return _one(call, call.options.name, ".stop()").stop()


def labels(call: Call) -> Any:
    """What a job has labeled."""
    return _one(call, call.options.name, ".labels()").labels()


def _one(call: Call, name: Any, verb: str) -> Any:
    from gt_vpc_nb.jobs import SubmittedJob, labeling_job

    if isinstance(name, SubmittedJob):
        return name
    code = called("labeling_job", str(name), session=call.session_code, region=call.options.region)
    call.python("labeling_job", f"{code}{verb}")
    return labeling_job(str(name), call.session, call.options.region)


def template(call: Call) -> None:
    """A filled-in cell under this one."""
    from gt_vpc_nb.aws.sessions import open_session
    from gt_vpc_nb.job_examples import example_yaml

    here = call.options.region or call.magics.given.get("region") or open_session(call.session).region_name
    region = {"region_code": here} if here else {}
    body = example_yaml(call.options.task, **region)
    call.python("LabelingJob", called("LabelingJob.example", call.options.task, *region.values()))
    call.magics.shell.set_next_input(f"%%gt_vpc job\n{body}")


def job(call: Call) -> Any:
    """The plan of a job in YAML; binds the job with its defaults filled in."""
    from gt_vpc_nb.builder import LabelingJob
    from gt_vpc_nb.plan import plan_of

    call.new_variable()
    plan = plan_of(LabelingJob.from_yaml(call.body), call.session, call.magics.given)
    call.bind(plan.job)
    _as_builder(call, plan.job, called(".preflight", session=call.session_code))
    return plan


def submit(call: Call) -> Any:
    """A job, checked and submitted: of a body, or of a variable."""
    from gt_vpc_nb.builder import LabelingJob
    from gt_vpc_nb.plan import plan_of

    if call.body is None and call.options.variable is None:
        raise CommandError("%gt_vpc submit needs a variable that holds a LabelingJob, or a YAML body (%%gt_vpc).")
    if call.body is None:
        given = call.held_job(call.options.variable, "submit")
    else:
        call.new_variable()
        given = LabelingJob.from_yaml(call.body)
    plan = plan_of(given, call.session, call.magics.given)
    submitted = plan.submit(call.options.despite)
    if call.body is not None:
        call.bind(submitted)
    for row in plan.filled.of("filled in", "overridden", "not carried"):
        print(row)
    _as_builder(call, plan.job, called(".submit", session=call.session_code))
    return submitted


def _as_builder(call: Call, job: Any, verb: str) -> None:
    from gt_vpc_nb.job_code_builder import builder_code

    name = call.options.variable if isinstance(call.options.variable, str) else "job"
    call.python("", builder_code(job, type(job)(), name).rstrip(), f"{name}{verb}")


def form(call: Call) -> Any:
    """A form: of a job, of a bucket's policy, or of all jobs."""
    from gt_vpc_nb.builder import LabelingJob

    name, of = call.options.name, call.options.of
    kind = name if isinstance(name, str) and name in FORMS else "job"
    if kind == "policy":
        if of is None:
            raise CommandError("%gt_vpc form policy needs the bucket's name: %gt_vpc form policy my-bucket")
        return _opened(call, "PolicyForm", repr(of), of)
    if kind == "jobs":
        return _opened(call, "JobsView", "")
    variable = of if name == "job" else name
    if variable is None:
        return _opened(call, "LabelingJobForm", "")
    held = [each for each, value in call.names.items() if isinstance(value, LabelingJob)]
    if isinstance(variable, str) and not isinstance(call.names.get(variable), LabelingJob):
        near = near_miss(variable, held if of else (*FORMS, *held))
        raise CommandError(
            f"%gt_vpc form: '{variable}' is no form ({', '.join(FORMS)}) and no variable that holds a LabelingJob{near}"
        )
    held_job = call.held_job(variable, "form")
    named = (each for each, value in call.names.items() if value is held_job and not each.startswith("_"))
    return _opened(call, "LabelingJobForm", variable if isinstance(variable, str) else next(named, "job"), held_job)


def _opened(call: Call, name: str, shown: str, *of: Any) -> Any:
    from gt_vpc_nb import forms

    session = call.session_code
    # A job's open fields are filled from %config, in a form as in a plan.
    more = {"settings": call.magics.set_now} if name == "LabelingJobForm" and call.magics.set_now else {}
    named = [f"{each}={value!r}" for each, value in more.items()]
    words = ", ".join(filter(None, (shown, f"session={session}" if session else "", *named)))
    call.python("", f"from gt_vpc_nb.forms import {name}", f"{name}({words})")
    return getattr(forms, name)(*of, session=call.session, **more)
