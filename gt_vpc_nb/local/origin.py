"""Where a request comes from, and who sends it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """A place in the network: the internet, a VPC endpoint, or an AWS service at work for somebody.

    `ip` is the caller's address: public on the internet, private behind a VPC endpoint.
    """

    vpc: str | None = None
    vpc_endpoint: str | None = None
    ip: str = "203.0.113.10"
    via_service: str | None = None

    @property
    def label(self) -> str:
        """One short phrase for the log."""
        via = f" via {self.via_service}" if self.via_service else ""
        return (self.vpc_endpoint or "the internet") + via

    def context(self) -> dict[str, str]:
        """The condition keys AWS derives from the network place.

        Through a VPC endpoint `aws:SourceIp` is absent and `aws:VpcSourceIp` is there instead (IAM User Guide,
        "AWS global condition context keys").
        """
        if self.vpc_endpoint is None:
            context = {"aws:SourceIp": self.ip}
        else:
            context = {"aws:SourceVpce": self.vpc_endpoint, "aws:VpcSourceIp": self.ip}
            if self.vpc is not None:
                context["aws:SourceVpc"] = self.vpc
        return {**context, "aws:SecureTransport": "true"}


@dataclass(frozen=True)
class Caller:
    """Who asks, for which account and Region, from where. `principal` is an IAM user, role session or root ARN."""

    principal: str
    account: str
    region: str
    origin: Origin = Origin()
