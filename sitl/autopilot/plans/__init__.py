"""Stored plans: the mission, the geofence and the rally points of one vehicle; how they are told, checked and kept."""
