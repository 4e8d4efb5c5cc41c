"""What holds for all tests: the longest come first; no error or finding may hold a value of a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from qpcli.errors import QpcliError
from qpcli.findings import Finding
from tests.support.silence import assert_tells_nobody

LONGEST = "oracle"
"""The room whose files take minutes each: begun last, one of them keeps a core busy when the others are done."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, everything else as it stands."""
    items.sort(key=lambda item: item.path.parent.name != LONGEST)


@pytest.fixture(autouse=True)
def nobody_is_told_of() -> Iterator[None]:
    """Errors are looked at as they are made, findings too, whether the test asks for them or not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QpcliError, "__init__", _looked_at(QpcliError.__init__))
        patch.setattr(Finding, "__init__", _looked_at(Finding.__init__))
        yield


def _looked_at(make: Callable[..., None]) -> Callable[..., None]:
    def made(self: object, *given: object, **named: object) -> None:
        make(self, *given, **named)
        assert_tells_nobody(f"{getattr(self, 'message', '')} {getattr(self, 'help', '')} {getattr(self, 'rule', '')}")

    return made
