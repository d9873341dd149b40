"""Pure planning: arrays and frozen dataclasses in and out, no Django anywhere."""
