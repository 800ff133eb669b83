"""Facing the eye: tables that say their verdict first, progress lines, pictures. Nothing here decides anything."""
