"""Instance prices come from AWS's price list where it answers, and stay unknown where it does not."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from gt_vpc_nb import AwsError
from gt_vpc_nb.aws.price_lists import hourly_prices, listed_prices
from gt_vpc_nb.local import LocalAws


def product(usage: str, dollars: str, unit: str = "Hrs") -> str:
    dimension = {"unit": unit, "pricePerUnit": {"USD": dollars}}
    term = {"x": {"priceDimensions": {"y": dimension}}}
    return json.dumps({"product": {"attributes": {"usagetype": usage}}, "terms": {"OnDemand": term}})


@pytest.mark.parametrize(
    ("products", "found"),
    [
        ([product("USE1-Train:ml.p3.2xlarge", "3.825")], {"Train:ml.p3.2xlarge": Decimal("3.825")}),
        ([product("Train:ml.p3.2xlarge", "3.825")], {"Train:ml.p3.2xlarge": Decimal("3.825")}),
        ([product("USE1-Train:ml.p3.2xlarge", "3.825", "Quantity")], {}),
        ([product("USE1-Host:ml.p3.2xlarge", "3.825")], {}),
        ([product("USE1-Train:ml.p3.2xlarge", "no number")], {}),
        ([json.dumps({})], {}),
        ([], {}),
    ],
)
def test_only_the_hours_of_the_use_asked_for_are_read(products: list[str], found: dict[str, Decimal]) -> None:
    assert hourly_prices(products, ["Train:ml.p3.2xlarge"]) == found


def test_where_the_price_list_does_not_answer_the_error_says_so() -> None:
    session: Any = LocalAws(seed=7).session()
    with pytest.raises(AwsError, match="price list"):
        listed_prices("us-east-1", "ml.p3.2xlarge", "ml.c5.xlarge", session)
