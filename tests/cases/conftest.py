"""Children in the registers, for what a comparison says of their cases."""

from __future__ import annotations

from tests.reconciliation.conftest import enrolled as enrolled
