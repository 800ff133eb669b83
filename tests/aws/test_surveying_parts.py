"""What the survey reads of each thing that a job may name, against the local AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gt_vpc_nb import LabelingJob, survey
from gt_vpc_nb.aws.surveying import survey_request
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.preflight.surroundings import Count, Missing, Notification, TrafficRule, Unknown

ACCOUNT = "111122223333"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


@pytest.fixture
def aws() -> LocalAws:
    return LocalAws.example(seed=7)


def shapes(aws: LocalAws, name: str = "shapes-1") -> LabelingJob:
    world = aws.world
    return (
        LabelingJob.in_vpc(world.vpc, subnets=world.subnets, security_groups=world.security_groups)
        .named(name)
        .in_region(world.region)
        .task("ImageMultiClass", title="Sort shapes", description="Choose one", keywords=["Images"])
        .input(f"s3://{world.input_bucket}/images.manifest")
        .output(f"s3://{world.output_bucket}/labels/")
        .label_categories(["circle", "square"])
        .workers(world.workteam, per_object=3, time_limit=300)
        .as_role(world.role)
    )


def put(aws: LocalAws, key: str, body: bytes, **more: Any) -> str:
    aws.session().client("s3").put_object(Bucket=aws.world.input_bucket, Key=key, Body=body, **more)
    return f"s3://{aws.world.input_bucket}/{key}"


def manifest(aws: LocalAws, *lines: dict) -> str:
    return put(aws, "own.manifest", b"".join(json.dumps(line).encode() + b"\n" for line in lines))


def test_everything_set_on_a_bucket_is_read(aws: LocalAws) -> None:
    s3, world = aws.session().client("s3"), aws.world
    key = aws.session().client("kms").create_key()["KeyMetadata"]["Arn"]
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    s3.put_bucket_encryption(
        Bucket=world.output_bucket,
        ServerSideEncryptionConfiguration={"Rules": [{**rule, "BucketKeyEnabled": True}]},
    )
    s3.delete_public_access_block(Bucket=world.output_bucket)
    s3.put_bucket_cors(
        Bucket=world.input_bucket,
        CORSConfiguration={
            "CORSRules": [{"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["*"], "MaxAgeSeconds": 3000}]
        },
    )
    found = survey(shapes(aws), aws.session())
    out, source = found.bucket(world.output_bucket), found.bucket(world.input_bucket)
    assert (out.encryption, out.kms_key, out.bucket_key) == (f"aws:kms {key}", key, True)
    assert out.public_access_block is None and out.ownership == "BucketOwnerEnforced"
    assert source.public_access_block.restrict_public_buckets is True
    assert (source.cors[0].methods, source.cors[0].max_age) == (("GET", "PUT"), 3000)
    assert (found.key(key).state, found.key(key).manager, found.key(key).region) == ("Enabled", "CUSTOMER", aws.region)
    assert json.loads(found.key(key).policy)["Statement"]


def test_a_key_by_its_alias_and_one_that_is_not_there(aws: LocalAws) -> None:
    kms = aws.session().client("kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/labels", TargetKeyId=arn)
    request = shapes(aws).to_request()
    request["OutputConfig"]["KmsKeyId"] = "alias/labels"
    assert survey_request(request, aws.session()).key("alias/labels").arn == arn
    request["OutputConfig"]["KmsKeyId"] = "alias/gone"
    gone = survey_request(request, aws.session()).key("alias/gone")
    assert isinstance(gone.arn, Missing) and "alias/gone" in gone.arn.reason


def test_the_whole_manifest_is_read_and_pictures_by_their_first_bytes(aws: LocalAws) -> None:
    uri = put(aws, "empty.png", b"")
    text = put(aws, "notes.txt", b"twelve bytes", ContentType="text/plain")
    good = {"source-ref": f"s3://{aws.world.input_bucket}/images/0000.png"}
    lines = [
        good,
        good,
        {"source-ref": uri},
        {"source-ref": text},
        {"source-ref": text[:-4] + ".gone"},
        {"source": "x"},
    ]
    found = survey(shapes(aws).input(manifest(aws, *lines)), aws.session())
    assert found.manifest.objects == 6 and found.manifest.duplicates == 1
    assert {Count("MAN-05", 1), Count("MAN-13", 1)} <= set(found.manifest.problem_counts)
    objects = {each.uri.rpartition("/")[2]: each for each in found.data_objects}
    picture = objects["0000.png"]
    assert (picture.exists, picture.width, picture.height, picture.content_type) == (True, 64, 64, "image/png")
    assert picture.size > 100
    assert (objects["empty.png"].exists, objects["empty.png"].size, objects["empty.png"].width) == (True, 0, None)
    assert (objects["notes.txt"].size, objects["notes.txt"].width) == (12, None)
    assert objects["notes.gone"].exists is False and isinstance(objects["notes.gone"].size, Unknown)


def test_buckets_of_later_lines_are_surveyed_too(aws: LocalAws) -> None:
    aws.session().client("s3").create_bucket(Bucket="signs-elsewhere")
    lines = [{"source-ref": f"s3://{aws.world.input_bucket}/images/{number:04}.png"} for number in range(20)]
    found = survey(
        shapes(aws).input(manifest(aws, *lines, {"source-ref": "s3://signs-elsewhere/1.png"})), aws.session()
    )
    assert found.bucket("signs-elsewhere").region == aws.region and found.bucket("signs-elsewhere").cors == ()


def test_files_of_the_job_are_read_from_s3_where_submit_writes_none(aws: LocalAws) -> None:
    categories = put(aws, "labels.json", b'{"document-version": "2018-11-28", "labels": [{"label": "circle"}]}')
    template = put(aws, "ui.liquid.html", b"<crowd-form></crowd-form>", ContentType="text/html")
    found = survey(shapes(aws).label_categories(categories).template(template), aws.session())
    assert json.loads(found.category_file.text)["labels"] and found.category_file.uri == categories
    assert (found.template.text, found.template.content_type) == ("<crowd-form></crowd-form>", "text/html")
    gone = survey(shapes(aws).template(template + ".gone"), aws.session())
    assert isinstance(gone.template.text, Missing)


def test_sequence_files_of_video_frames_are_read(aws: LocalAws) -> None:
    sequence = {"seq-no": 1, "prefix": "s3://images-in/frames/", "number-of-frames": 1, "frames": [{"frame-no": 0}]}
    uri = put(aws, "seq.json", json.dumps(sequence).encode())
    request = shapes(aws).to_request()
    request["HumanTaskConfig"]["PreHumanTaskLambdaArn"] = (
        request["HumanTaskConfig"]["PreHumanTaskLambdaArn"].rpartition(":")[0] + ":PRE-VideoObjectDetection"
    )
    request["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"] = manifest(aws, {"source-ref": uri})
    found = survey_request(request, aws.session())
    assert [(each.uri, json.loads(each.text)) for each in found.sequence_files] == [(uri, sequence)]


def test_what_is_left_in_the_output_folder_is_told_without_our_own_files(aws: LocalAws) -> None:
    s3, bucket = aws.session().client("s3"), aws.world.output_bucket
    assert survey(shapes(aws), aws.session()).leftovers == ()
    for key in ("manifests/output/output.manifest", "gt-vpc-nb/input.manifest"):
        s3.put_object(Bucket=bucket, Key=f"labels/shapes-1/{key}", Body=b"{}")
    assert survey(shapes(aws), aws.session()).leftovers == ("labels/shapes-1/manifests/output/output.manifest",)


def test_network_rules_and_endpoints_of_every_service_are_read(aws: LocalAws) -> None:
    ec2, world = aws.session().client("ec2"), aws.world
    group, service = world.security_groups[0], f"com.amazonaws.{aws.region}.sagemaker.api"
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, "UserIdGroupPairs": [{"GroupId": group}]}],
    )
    ec2.create_vpc_endpoint(
        VpcId=world.vpc, ServiceName=service, VpcEndpointType="Interface", SubnetIds=list(world.subnets),
        SecurityGroupIds=[group], PrivateDnsEnabled=True,
    )  # fmt: skip
    found = survey(shapes(aws).with_automated_labeling(), aws.session())
    assert {each.service for each in found.endpoints} == {f"com.amazonaws.{aws.region}.s3", service}
    interface = next(each for each in found.endpoints if not each.is_s3)
    assert (set(interface.subnets), interface.kind, interface.private_dns) == (set(world.subnets), "Interface", True)
    assert [each.id for each in found.s3_endpoints] == [world.vpc_endpoint]
    assert found.security_groups[0].ingress == (TrafficRule("tcp", 0, 65535, (), (group,)),)
    assert any(rule.covers(443) and "0.0.0.0/0" in rule.cidrs for rule in found.security_groups[0].egress)
    assert {each.zone for each in found.subnets} == {f"{aws.region}a", f"{aws.region}b"}
    assert {each.default_route for each in found.subnets} == {None}
    assert found.vpc(world.vpc).tenancy == "default" and found.s3_prefix_list is None


def test_a_way_out_and_a_prefix_list_are_told(aws: LocalAws) -> None:
    ec2, world = aws.session().client("ec2"), aws.world
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=world.vpc)
    table = survey(shapes(aws).with_automated_labeling(), aws.session()).subnets[0].route_table
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    name = f"com.amazonaws.{aws.region}.s3"
    lists = ec2.describe_managed_prefix_lists(Filters=[{"Name": "prefix-list-name", "Values": [name]}])["PrefixLists"]
    to_s3 = {
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
        "PrefixListIds": [{"PrefixListId": lists[0]["PrefixListId"]}],
    }
    ec2.authorize_security_group_egress(GroupId=world.security_groups[0], IpPermissions=[to_s3])
    found = survey(shapes(aws).with_automated_labeling(), aws.session())
    assert {each.default_route for each in found.subnets} == {gateway}
    assert (found.s3_prefix_list.id, found.s3_prefix_list.name) == (lists[0]["PrefixListId"], name)
    assert found.s3_prefix_list.id in {each for rule in found.security_groups[0].egress for each in rule.prefix_lists}


def test_the_roles_attached_policies_and_its_boundary_are_read(aws: LocalAws) -> None:
    iam, world = aws.session().client("iam"), aws.world
    arns = {
        name: iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(ALLOW))["Policy"]["Arn"]
        for name in ("Reading", "Boundary")
    }
    role = world.role.rpartition("/")[2]
    iam.attach_role_policy(RoleName=role, PolicyArn=arns["Reading"])
    iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=arns["Boundary"])
    found = survey(shapes(aws), aws.session()).role
    assert [(each.name, each.arn) for each in found.policies] == [("GroundTruth", ""), ("Reading", arns["Reading"])]
    assert json.loads(found.policies[1].document) == ALLOW
    assert (found.boundary.arn, json.loads(found.boundary.document)) == (arns["Boundary"], ALLOW)


def test_the_caller_is_known_by_the_role_with_its_path(aws: LocalAws) -> None:
    iam = aws.session().client("iam")
    arn = iam.create_role(RoleName="Notebook", Path="/team/", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    iam.put_role_policy(RoleName="Notebook", PolicyName="All", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}))  # fmt: skip
    found = survey(shapes(aws), aws.session(principal=arn)).caller
    assert found.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/Notebook/session" and found.principal == arn
    root = survey(shapes(aws), aws.session(principal=f"arn:aws:iam::{ACCOUNT}:root")).caller
    assert root.principal.endswith(":root") and "root user" in root.permissions.reason


def test_team_and_workforce_tell_how_workers_come_in(aws: LocalAws) -> None:
    sagemaker, world = aws.session().client("sagemaker"), aws.world
    team = sagemaker.create_workteam(
        WorkteamName="bound",
        Description="Bound to their address.",
        MemberDefinitions=[{"OidcMemberDefinition": {"Groups": ["labelers", "checkers"]}}],
        WorkerAccessConfiguration={"S3Presign": {"IamPolicyConstraints": {"VpcSourceIp": "Enabled"}}},
    )["WorkteamArn"]
    found = survey(shapes(aws).workers(team), aws.session()).work_team
    assert (found.source_ip, found.vpc_source_ip) == (None, "Enabled")
    assert [(each.name, each.provider) for each in found.groups] == [("labelers", "oidc"), ("checkers", "oidc")]
    assert found.members == 1 and found.arn == team != world.workteam


def test_a_group_of_amazon_cognito_that_may_not_be_counted_is_named(aws: LocalAws) -> None:
    member = {"UserPool": "us-east-1_signs", "UserGroup": "labelers", "ClientId": "abcdefghij"}
    team = (
        aws.session()
        .client("sagemaker")
        .create_workteam(
            WorkteamName="pool",
            Description="From a user pool.",
            MemberDefinitions=[{"CognitoMemberDefinition": member}],
        )["WorkteamArn"]
    )
    aws.faults.fail("cognito-idp:ListUsersInGroup", 403, "AccessDeniedException")
    (group,) = survey(shapes(aws).workers(team), aws.session()).work_team.groups
    assert (group.name, group.provider, group.user_pool) == ("labelers", "cognito", "us-east-1_signs")
    assert "AccessDeniedException on cognito-idp:ListUsersInGroup" in group.people.reason


def test_jobs_in_progress_are_told_with_all_their_buckets(aws: LocalAws) -> None:
    assert survey(shapes(aws), aws.session()).used_before is False
    shapes(aws, "running").submit(aws.session())
    found = survey(shapes(aws), aws.session())
    (job,) = found.jobs_in_progress
    assert job.name == "running" and job.status in ("Initializing", "InProgress")
    assert set(job.buckets) == {aws.world.input_bucket, aws.world.output_bucket}
    assert found.used_before is True and found.same_name_job is None
    assert survey(shapes(aws, "running"), aws.session()).same_name_job == job.status
    aws.clock.advance(days=2)
    assert survey(shapes(aws), aws.session()).jobs_in_progress == ()


def test_the_job_that_labeled_the_manifest_before_is_described(aws: LocalAws) -> None:
    shapes(aws, "first-round").submit(aws.session()).wait()
    output = f"s3://{aws.world.output_bucket}/labels/first-round/manifests/output/output.manifest"
    found = survey(shapes(aws).input(output), aws.session())
    earlier = found.earlier_job("first-round")
    assert (earlier.status, earlier.label_attribute) == ("Completed", "first-round")
    assert earlier.output_manifest == output and earlier.pre_lambda.endswith("PRE-ImageMultiClass")
    attribute = found.manifest.attribute("first-round")
    assert (attribute.lines, attribute.job) == (20, "first-round") and attribute.type.startswith("groundtruth/")


def test_a_model_and_a_job_that_are_gone_are_said_to_be(aws: LocalAws) -> None:
    line = {"source": "x", "old": 1, "old-metadata": {"job-name": "labeling-job/gone", "type": "groundtruth/x"}}
    model = f"arn:aws:sagemaker:{aws.region}:{ACCOUNT}:model/gone"
    job = shapes(aws).input(manifest(aws, line)).with_automated_labeling(initial_model=model)
    aws.faults.fail("sagemaker:DescribeModel", 400, "ValidationException")
    found = survey(job, aws.session())
    assert isinstance(found.earlier_job("gone").status, Missing)
    assert (found.initial_model.arn, found.initial_model.exists) == (model, False)


def test_topics_their_queue_and_the_buckets_events_are_read_for_a_streaming_job(aws: LocalAws) -> None:
    session, world = aws.session(), aws.world
    topic = session.client("sns").create_topic(Name="signs-in")["TopicArn"]
    session.client("s3").put_bucket_notification_configuration(
        Bucket=world.input_bucket,
        NotificationConfiguration={
            "TopicConfigurations": [
                {
                    "TopicArn": topic,
                    "Events": ["s3:ObjectCreated:*"],
                    "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "new/"}]}},
                }
            ]
        },
    )
    request = shapes(aws).to_request()
    request["InputConfig"]["DataSource"]["SnsDataSource"] = {"SnsTopicArn": topic}
    request["OutputConfig"]["SnsTopicArn"] = topic + "-gone"
    found = survey_request(request, session)
    assert found.topic(topic).exists is True and json.loads(found.topic(topic).policy)["Statement"]
    assert found.topic(topic).kms_key is None and found.topic(topic + "-gone").exists is False
    notifications = found.bucket(world.input_bucket).notifications
    assert notifications == (Notification(topic, ("s3:ObjectCreated:*",), "new/"),)
    assert isinstance(found.queue, Missing) and "GroundTruth-shapes-1" in found.queue.reason
    url = session.client("sqs").create_queue(QueueName="GroundTruth-shapes-1")["QueueUrl"]
    assert survey_request(request, session).queue.url == url


def test_functions_of_your_own_are_read_with_their_role_and_aws_own_are_not_asked_about(aws: LocalAws) -> None:
    session = aws.session()
    assert survey(shapes(aws), session).functions == ()
    iam = session.client("iam")
    role = iam.create_role(RoleName="Functions", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    arns = [
        session.client("lambda").create_function(
            FunctionName=f"LabelingFunction{name}", Runtime="python3.12", Role=role, Handler="a.b",
            Code={"ZipFile": b"PK\x05\x06" + bytes(18)},
        )["FunctionArn"]
        for name in ("Before", "After")
    ]  # fmt: skip
    request = shapes(aws).to_request()
    request["HumanTaskConfig"]["PreHumanTaskLambdaArn"] = arns[0]
    request["HumanTaskConfig"]["AnnotationConsolidationConfig"] = {"AnnotationConsolidationLambdaArn": arns[1]}
    found = survey_request(request, session)
    before, after = (found.function(arn) for arn in arns)
    assert (before.state, before.runtime, before.role, before.policy) == ("Active", "python3.12", None, None)
    assert after.role.arn == role and after.role.policies == ()
    request["HumanTaskConfig"]["PreHumanTaskLambdaArn"] = arns[0] + "Gone"
    assert isinstance(survey_request(request, session).function(arns[0] + "Gone").state, Missing)
