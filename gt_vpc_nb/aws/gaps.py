"""How a survey notes what it could not read: `Missing` when AWS says it is not there, `Unknown` for the rest."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from botocore.exceptions import ClientError

from gt_vpc_nb.aws.sessions import SILENCES, Silence, code_of, without_answer
from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.preflight.surroundings import Unknown


def known(action: str, ask: Callable[[], Any], absent: Collection[str] = (), instead: Any = None) -> Any:
    """What `ask` returns; `instead` for the error codes of `absent`; Unknown with the reason for any other refusal.

    `action` is the IAM action the caller needs, as in s3:GetBucketPolicy.
    """
    try:
        return ask()
    except ClientError as error:
        return instead if code_of(error) in absent else Unknown(why(action, error))
    except SILENCES as error:
        return Unknown(why(action, error))
    except LocalAwsError as error:
        # The local AWS does not have everything that AWS has, and says so.
        return Unknown(f"{error} ({action})")


def why(action: str, error: ClientError | Silence) -> str:
    """``AccessDenied on s3:GetBucketPolicy (the message)``."""
    said = (
        error.response.get("Error", {}).get("Message", "") if isinstance(error, ClientError) else without_answer(error)
    )
    said = " ".join(str(said).split()).rstrip(".")
    return f"{code_of(error)} on {action}" + (f" ({said})" if said else "")
