"""What roles and kinds of unit are called."""

from __future__ import annotations

from casework.kernel.errors import N_
from casework.kernel.permissions import Role
from casework.roster.models import AbsenceKind, UnitKind

ROLES = {
    Role.OFFICER: N_("Field officer"),
    Role.HELPER: N_("Helper"),
    Role.DESK: N_("Intake desk"),
    Role.LEAD: N_("Team lead"),
    Role.AREA_LEADER: N_("Area leader"),
    Role.REGULATOR: N_("Regulator"),
    Role.DISTRICT_ADMIN: N_("District administrator"),
    Role.SYSADMIN: N_("System administrator"),
    Role.SECADMIN: N_("Security administrator"),
    Role.AUDITOR: N_("Security auditor"),
}
KINDS = {
    UnitKind.TEAM: N_("Reopening team"),
    UnitKind.DESK: N_("Intake desk"),
    UnitKind.AUTHORITY: N_("Authority"),
    UnitKind.OFFICE: N_("Office"),
}
ABSENCES = {
    AbsenceKind.LEAVE: N_("On leave"),
    AbsenceKind.ILL: N_("Ill"),
    AbsenceKind.TRAINING: N_("In training"),
    AbsenceKind.OTHER: N_("Away"),
}
