"""What an application writes, and the builder calls it becomes: the table of the parity tests.

Each entry names an expression on a PyMongo collection `c` (its database `db`, its client `client`) and a
function that gives petiole's body for the same. `record_commands` keeps what PyMongo made of the expressions.
"""

from __future__ import annotations

from tests.unit.commands import cases_admin, cases_find, cases_read, cases_write

ALL = cases_find.CASES | cases_write.CASES | cases_read.CASES | cases_admin.CASES
