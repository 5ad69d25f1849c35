"""Mask numbers of driver's licences."""

import re

from kortf.clean.masking import NumberRule, placeholder
from kortf.clean.rule import Example

_NUMBER = re.compile(
    # A class first, for which `re` searches quickly; then the rest of the region.
    r"[12서부경강충전제대인광울](?:(?<=[12])(?<!\d.)(?<!\d[-.,].)(?:(?<=1)[1-9]|(?<=2)[0-8])"
    r"|(?<=서)울|(?<=부)산|(?<=경)[기북남]|(?<=강)원|(?<=[충전])[북남]|(?<=제)주|(?<=대)[구전]"
    r"|(?<=인)천|(?<=광)주|(?<=울)산)"
    r"(?: {0,2}- {0,2}| {1,2})\d{2} {0,2}- {0,2}[\d*]{6} {0,2}- {0,2}[\d*]{2}(?![\d*]|-\d)"
)


class DriverLicence(NumberRule):
    """Replaces driver's licence numbers (11-12-345678-90, 서울 12-345678-90).

    The first two digits are those of a region. The check digits are not published.

    Args:
        placeholder: Text that replaces a number.

    Example:
        >>> DriverLicence("[면허]").apply("11-12-345678-90, 서울 12-345678-90, 31-12-345678-90")
        '[면허], [면허], 31-12-345678-90'
    """

    name = "driver_licence"
    place = 125
    settings = (placeholder("private.driver_licence", "", "driver's licence numbers"),)
    example = Example(
        {"private.driver_licence": "[면허번호]"}, "면허 11-12-345678-90", "면허 [면허번호]"
    )
    pattern = _NUMBER
