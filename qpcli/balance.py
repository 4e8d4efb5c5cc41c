"""The worth of QP status against a MIPS adjustment forgone and a shared loss owed, with the break-even of each."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True, slots=True)
class Worth:
    """Sums over QPs in cents; `fee_schedule_cents` is 0 where the fee schedule pays QPs and others alike."""

    base_cents: int
    incentive_cents: int
    fee_schedule_cents: int

    @property
    def gain_cents(self) -> int:
        return self.incentive_cents + self.fee_schedule_cents


@dataclass(frozen=True, slots=True)
class Against:
    """What stands against it, if anything: the MIPS adjustment in percent that QPs forgo, the shared loss in cents."""

    mips_adjustment: Decimal | None = None
    shared_loss_cents: int | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """The worth of QP status less what stands against it, in cents.

    `break_even_loss_cents`: the shared loss at which nothing is left, below 0 where MIPS alone would pay more.
    `break_even_mips_adjustment`: the adjustment in percent at which nothing is left, with 4 decimals; None on no base.
    """

    worth: Worth
    mips_cents: int
    shared_loss_cents: int
    net_cents: int
    break_even_loss_cents: int
    break_even_mips_adjustment: Decimal | None


def balance(worth: Worth, against: Against) -> Balance:
    """Every part stated as a plain sum; the MIPS adjustment is taken on the base amount."""
    mips_cents = _cents(Decimal(worth.base_cents) * (against.mips_adjustment or 0) / 100)
    loss_cents = against.shared_loss_cents or 0
    break_even_loss = worth.gain_cents - mips_cents
    return Balance(
        worth=worth,
        mips_cents=mips_cents,
        shared_loss_cents=loss_cents,
        net_cents=break_even_loss - loss_cents,
        break_even_loss_cents=break_even_loss,
        break_even_mips_adjustment=_percent(worth.gain_cents - loss_cents, worth.base_cents),
    )


def _cents(exact: Decimal) -> int:
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def _percent(cents: int, base_cents: int) -> Decimal | None:
    if base_cents <= 0:
        return None
    return (Decimal(cents) * 100 / base_cents).quantize(Decimal("0.0001"), ROUND_HALF_UP)
