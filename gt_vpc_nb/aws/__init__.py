"""Rooms that talk to AWS: sessions, objects, bucket policies, surveys, submitting."""
