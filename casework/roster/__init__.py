"""Who serves where: units, and postings from–to that give a person a role, a unit and an area."""
