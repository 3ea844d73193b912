"""Who looks after the outbox, who sets robots and webhooks, and who says which hosts webhooks may go to."""

from __future__ import annotations

from casework.kernel.permissions import Role, grant

R = Role
DELIVERIES, ROBOTS, WEBHOOKS, HOSTS = "notice.deliveries", "robot.edit", "webhook.edit", "webhook.hosts"
READ_WEBHOOKS = "webhook.read"

grant(DELIVERIES, {R.SYSADMIN: "A"})
grant(ROBOTS, {R.LEAD: "T", R.DISTRICT_ADMIN: "D"})
grant(WEBHOOKS, {R.SYSADMIN: "A"})
grant(HOSTS, {R.SECADMIN: "A"})
grant(READ_WEBHOOKS, {R.SYSADMIN: "A", R.SECADMIN: "A"})
