"""Checks a labeling job against what a survey found, before AWS does; no calls are made here."""
