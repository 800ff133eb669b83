"""A local AWS without a door: S3 is a dict, permissions are a set of what is denied. For the engine's own tests."""

from __future__ import annotations

import io
import json
from collections import Counter

import pytest

from gt_vpc_nb.facts import region, task_type
from gt_vpc_nb.local.clock import Clock
from gt_vpc_nb.local.failures import Missing, Refused
from gt_vpc_nb.local.functions import called
from gt_vpc_nb.local.labeling_api import LabelingApi
from gt_vpc_nb.local.origin import Caller, Origin
from gt_vpc_nb.local.workers import workers_from_truth

ACCOUNT, REGION = "111122223333", "us-east-1"
GROUND_TRUTH_ENDPOINT = region("us-east-1").ground_truth_endpoint
TEAM = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:workteam/private-crowd/labelers"


class DictView:
    def __init__(self, world: SmallWorld, origin: Origin) -> None:
        self._world, self._origin = world, origin

    def _check(self, action: str, bucket: str, key: str) -> None:
        self._world.requests[(action, self._origin.vpc_endpoint)] += 1
        if self._world.denies(action, key, self._origin):
            raise Refused(action, f"arn:aws:s3:::{bucket}/{key}", "denied in this test")

    def get(self, bucket: str, key: str) -> bytes:
        self._check("s3:GetObject", bucket, key)
        if (bucket, key) not in self._world.objects:
            raise Missing(bucket, key)
        return self._world.objects[bucket, key]

    def region_of(self, bucket: str) -> str:
        return REGION

    def look(self, bucket: str, key: str) -> None:
        self.get(bucket, key)

    def put(self, bucket: str, key: str, data: object, content_type: str = "application/octet-stream") -> None:
        self._check("s3:PutObject", bucket, key)
        self._world.objects[bucket, key] = data() if callable(data) else data


class SmallWorld:
    """What the engine is given, in memory. `denies(action, key, origin)` is the bucket policy."""

    account, region = ACCOUNT, REGION
    subnet_endpoint: Origin | None = Origin(vpc="vpc-1", vpc_endpoint="vpce-0customer")

    def __init__(self, seed: int = 7) -> None:
        self.seed, self.clock = seed, Clock()
        self.objects: dict[tuple[str, str], bytes] = {}
        self.requests: Counter[tuple[str, str | None]] = Counter()
        self.functions: dict[str, object] = {}
        self.denies = lambda action, key, origin: False
        self.api = LabelingApi(self)
        self.clock.on_advance(self.api.tick)
        self.caller = Caller(f"arn:aws:iam::{ACCOUNT}:user/ada", ACCOUNT, REGION)
        self.call("CreateWorkteam", WorkteamName="labelers", Description="us", MemberDefinitions=[_member()])

    def view(self, role_arn: str, origin: Origin, region: str, kms_key: str | None = None) -> DictView:
        return DictView(self, origin)

    def presigned(self, role_arn: str, region: str) -> object:
        return lambda uri: f"https://{uri.removeprefix('s3://')}?signed"

    def vpc_endpoint_for(self, subnet_ids: object, region: str) -> Origin | None:
        return self.subnet_endpoint

    def invoke(self, arn: str, event: dict, role_arn: str) -> object:
        return called(self.functions.get(arn), arn, event, None)

    def call(self, operation: str, **params: object) -> dict:
        return self.api.handle(operation, params, self.caller)

    def fill(self, keys: list[str], labels: list[str], *, text: bool = False, content: object = None) -> None:
        """Puts manifest, label categories, template, and a file for each key."""
        name = "source" if text else "source-ref"
        manifest = "".join(json.dumps({name: key}) + "\n" for key in keys)
        self.objects["in", "input.manifest"] = manifest.encode()
        document = {"document-version": "2018-11-28", "labels": [{"label": label} for label in labels]}
        self.objects["in", "labels.json"] = json.dumps(document).encode()
        self.objects["in", "template.html"] = b"<crowd-form></crowd-form>"
        if not text:
            for place, key in enumerate(keys):
                data = content(place) if callable(content) else b"image"
                self.objects["in", key.removeprefix("s3://in/")] = data

    def request(self, code: str = "ImageMultiClass", name: str = "job", workers: int = 3, **changes: object) -> dict:
        kind = task_type(code)
        task = {
            "WorkteamArn": TEAM,
            "UiConfig": {"UiTemplateS3Uri": "s3://in/template.html"},
            "PreHumanTaskLambdaArn": kind.pre_lambda(REGION),
            "TaskTitle": "Name it",
            "TaskDescription": "Which is it?",
            "NumberOfHumanWorkersPerDataObject": workers,
            "TaskTimeLimitInSeconds": 300,
            "AnnotationConsolidationConfig": {"AnnotationConsolidationLambdaArn": kind.consolidation_lambda(REGION)},
            **changes.pop("task", {}),
        }
        if kind.ui == "human-task-ui":
            task["UiConfig"] = {"HumanTaskUiArn": kind.human_task_ui_arn(REGION)}
        return {
            "LabelingJobName": name,
            "LabelAttributeName": "label-ref" if kind.needs_ref else "label",
            "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://in/input.manifest"}}},
            "OutputConfig": {"S3OutputPath": "s3://out/jobs/"},
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/labeling",
            "LabelCategoryConfigS3Uri": "s3://in/labels.json",
            "HumanTaskConfig": task,
            **changes,
        }

    def automated(self, code: str = "ImageMultiClass") -> dict:
        config = {"VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}}
        arn = task_type(code).algorithm_arn(REGION)
        return {"LabelingJobAlgorithmSpecificationArn": arn, "LabelingJobResourceConfig": config}

    def staff(self, truth: dict, mistakes: float = 0.05, count: int = 3) -> None:
        self.api.staff("labelers", workers_from_truth(truth, mistakes, count, self.seed))

    def ten_cats(self, **changes: object) -> dict[str, str]:
        """Ten pictures, three workers; returns the truth."""
        truth = {f"s3://in/{n}.png": "cat" if n % 2 else "dog" for n in range(changes.pop("count", 10))}
        self.fill(list(truth), ["cat", "dog"])
        self.staff(truth, changes.pop("mistakes", 0.05))
        return truth

    def describe(self, name: str = "job") -> dict:
        return self.call("DescribeLabelingJob", LabelingJobName=name)

    def output(self, name: str = "job") -> list[dict]:
        data = self.objects["out", f"jobs/{name}/manifests/output/output.manifest"]
        return [json.loads(line) for line in data.decode().splitlines()]

    ground_truth_endpoint = GROUND_TRUTH_ENDPOINT


def _member() -> dict:
    return {"CognitoMemberDefinition": {"UserPool": "us-east-1_abc", "UserGroup": "g", "ClientId": "c"}}


def grey_png(value: int, width: int = 8, height: int = 8) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.new("L", (width, height), value).save(file, format="PNG")
    return file.getvalue()


@pytest.fixture
def small_world() -> SmallWorld:
    return SmallWorld()


@pytest.fixture
def make_world() -> type[SmallWorld]:
    return SmallWorld


@pytest.fixture
def picture() -> object:
    return grey_png
