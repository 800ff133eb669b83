"""Instance prices as AWS's price list tells them, for the estimate of a labeling job with automated labeling.

AWS's price list has instance-hours of SageMaker; a price of Ground Truth's labeled objects was found in no public copy
of it, so that one stays unknown unless it is given. Nothing here was run on AWS: the names of usage types are those
that bills show (``…Train:ml.p3.2xlarge``, ``…Tsform:ml.c5.xlarge``). Source: AWS Price List API, GetProducts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from gt_vpc_nb.aws.sessions import asking, client
from gt_vpc_nb.job_costs import Prices

#: GetProducts answers in a few Regions alone, whichever Region is asked about.
PRICE_LIST_REGION = "us-east-1"
#: A part of a job's cost, and how its usage type begins. Automated labeling infers by batch transform.
_USAGE = {"training": "Train", "inference": "Tsform"}


def listed_prices(
    region: str, training: str, inference: str, session: Any = None, known: Prices | None = None
) -> Prices:
    """Dollars an hour of the two instance types in a Region, added to the prices already known.

    Raises:
        AwsError: the caller may not ask (pricing:GetProducts), or the price list did not answer.
    """
    types = {"training": training, "inference": inference}
    wanted = {use: f"{_USAGE[use]}:{kind}" for use, kind in types.items()}
    with asking("reading AWS's price list"):
        pages = (
            client(session, "pricing", PRICE_LIST_REGION)
            .get_paginator("get_products")
            .paginate(
                ServiceCode="AmazonSageMaker",
                Filters=[{"Type": "TERM_MATCH", "Field": "regionCode", "Value": region}],
            )
        )
        found = hourly_prices((text for page in pages for text in page["PriceList"]), wanted.values())
    hours = {use: {types[use]: found[usage]} for use, usage in wanted.items() if usage in found}
    own = known or Prices()
    return replace(
        own,
        training=tuple({**hours.get("training", {}), **dict(own.training)}.items()),
        inference=tuple({**hours.get("inference", {}), **dict(own.inference)}.items()),
        source=f"{own.source}, AWS's price list for {region}" if known else f"AWS's price list for {region}",
    )


def hourly_prices(products: Iterable[str | Mapping[str, Any]], usages: Iterable[str]) -> dict[str, Decimal]:
    """On-demand dollars an hour by usage, from products as GetProducts lists them (JSON texts)."""
    wanted = tuple(usages)
    found: dict[str, Decimal] = {}
    for product in products:
        document = json.loads(product) if isinstance(product, str) else product
        usage = str(document.get("product", {}).get("attributes", {}).get("usagetype", ""))
        # A Region's short name stands before the usage: USE1-Train:…
        for each in wanted:
            if usage == each or usage.endswith(f"-{each}"):
                found.update((each, price) for price in _hourly(document))
    return found


def _hourly(document: Mapping[str, Any]) -> Iterator[Decimal]:
    for term in document.get("terms", {}).get("OnDemand", {}).values():
        for dimension in term.get("priceDimensions", {}).values():
            if str(dimension.get("unit", "")).casefold() in ("hrs", "hours", "hour"):
                try:
                    yield Decimal(str(dimension["pricePerUnit"]["USD"]))
                except (KeyError, InvalidOperation):
                    continue
