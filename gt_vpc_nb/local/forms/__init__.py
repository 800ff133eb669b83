"""The forms of labels: one row a task type."""

from __future__ import annotations

from collections.abc import Mapping

from gt_vpc_nb.local.forms.boxes import ADJUSTED_BOXES, BOXES
from gt_vpc_nb.local.forms.classes import CLIP_CLASS, ONE_CLASS, OPINION, SEVERAL_CLASSES
from gt_vpc_nb.local.forms.clouds import CUBOIDS, POINTS, TRACKS
from gt_vpc_nb.local.forms.custom import PASSED_THROUGH
from gt_vpc_nb.local.forms.form import File, Form, Labels, Written
from gt_vpc_nb.local.forms.frames import DETECTION, TRACKING
from gt_vpc_nb.local.forms.masks import ADJUSTED_MASKS, MASKS
from gt_vpc_nb.local.forms.spans import SPANS

__all__ = ["FORMS", "File", "Form", "Labels", "Written"]

#: All built-in task types. A workflow with functions of one's own has the form of PassThrough.
FORMS: Mapping[str, Form] = {
    "ImageMultiClass": ONE_CLASS,
    "TextMultiClass": ONE_CLASS,
    "VideoMultiClass": CLIP_CLASS,
    "ImageMultiClassMultiLabel": SEVERAL_CLASSES,
    "TextMultiClassMultiLabel": SEVERAL_CLASSES,
    "BoundingBox": BOXES,
    "AdjustmentBoundingBox": ADJUSTED_BOXES,
    "VerificationBoundingBox": OPINION,
    "SemanticSegmentation": MASKS,
    "AdjustmentSemanticSegmentation": ADJUSTED_MASKS,
    "VerificationSemanticSegmentation": OPINION,
    "NamedEntityRecognition": SPANS,
    "VideoObjectDetection": DETECTION,
    "AdjustmentVideoObjectDetection": DETECTION,
    "VideoObjectTracking": TRACKING,
    "AdjustmentVideoObjectTracking": TRACKING,
    "3DPointCloudObjectDetection": CUBOIDS,
    "Adjustment3DPointCloudObjectDetection": CUBOIDS,
    "3DPointCloudObjectTracking": TRACKS,
    "Adjustment3DPointCloudObjectTracking": TRACKS,
    "3DPointCloudSemanticSegmentation": POINTS,
    "Adjustment3DPointCloudSemanticSegmentation": POINTS,
    "PassThrough": PASSED_THROUGH,
}
