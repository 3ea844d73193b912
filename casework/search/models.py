"""What is still to be indexed of the rows that were there before."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.kernel.db import Id, Model


class Backlog(Model):
    """How far the index has come: rows up to ``done_to`` of those up to ``up_to``. Newer ones index themselves."""

    __tablename__ = "search_backlog"

    what: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    done_to: Mapped[int] = mapped_column(Id, default=0)
    up_to: Mapped[int] = mapped_column(Id, default=0)
