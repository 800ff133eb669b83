"""What a first request has to wait for: S3 and labeling jobs are ready without the services that are slow to load."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

FIRST_REQUESTS = """
import json, sys
from gt_vpc_nb.local import LocalAws
session = LocalAws().session()
s3 = session.client("s3")
s3.create_bucket(Bucket="signs-in")
s3.put_object(Bucket="signs-in", Key="1.png", Body=b"x")
session.client("sagemaker").list_labeling_jobs()
print(json.dumps(sorted(sys.modules)))
"""


def test_s3_and_labeling_jobs_do_not_wait_for_ec2_or_for_learning() -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    ran = subprocess.run(
        [sys.executable, "-c", FIRST_REQUESTS], capture_output=True, text=True, check=True, env=environment
    )
    loaded = set(json.loads(ran.stdout))
    assert {"moto.ec2", "moto.sagemaker", "sklearn", "numpy", "PIL"} & loaded == set()
