"""Which parts of a labeling job can have a default; light, because %load_ext makes a setting of each."""

from __future__ import annotations

#: What can have a default, in the builder's words, and the member that it becomes.
FIELDS = {
    "region": "Region",
    "role": "RoleArn",
    "team": "HumanTaskConfig.WorkteamArn",
    "manifest": "InputConfig.DataSource.S3DataSource.ManifestS3Uri",
    "output_path": "OutputConfig.S3OutputPath",
    "output_key": "OutputConfig.KmsKeyId",
    "template_file": "HumanTaskConfig.UiConfig.UiTemplateS3Uri",
    "category_file": "LabelCategoryConfigS3Uri",
    "volume_key": "LabelingJobAlgorithmsConfig.LabelingJobResourceConfig.VolumeKmsKeyId",
    "subnets": "LabelingJobAlgorithmsConfig.LabelingJobResourceConfig.VpcConfig.Subnets",
    "security_groups": "LabelingJobAlgorithmsConfig.LabelingJobResourceConfig.VpcConfig.SecurityGroupIds",
}
