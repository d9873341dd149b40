"""Experience as bytes and back, so that it is learned once and every part of a plan computes with the same."""

from dataclasses import fields, is_dataclass
from io import BytesIO
from typing import Any, get_args, get_type_hints

import numpy as np

from procurement.engine.forecast.own import Experience


def experience_kept(experience: Experience) -> bytes:
    """An .npz file of its arrays and numbers, those of nested dataclasses under dotted names."""
    file = BytesIO()
    np.savez_compressed(file, allow_pickle=False, **_flat(experience, ""))
    return file.getvalue()


def experience_read(kept: bytes) -> Experience:
    with np.load(BytesIO(kept), allow_pickle=False) as arrays:
        found: Experience = _built(Experience, "", dict(arrays))
        return found


def _flat(value: Any, prefix: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not is_dataclass(value):
        if np.asarray(value).dtype == np.object_:
            raise TypeError(f"{prefix} is neither a number nor an array of numbers; it cannot be kept")
        return {prefix: np.asarray(value)}
    flat: dict[str, Any] = {}
    for field in fields(value):
        flat |= _flat(getattr(value, field.name), f"{prefix}.{field.name}" if prefix else field.name)
    return flat


def _built(kind: Any, prefix: str, arrays: dict[str, Any]) -> Any:
    for other in get_args(kind):
        if is_dataclass(other):  # it may be missing
            kept = any(name.startswith(f"{prefix}.") for name in arrays)
            return _built(other, prefix, arrays) if kept else None
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(
            **{
                field.name: _built(
                    hints[field.name], f"{prefix}.{field.name}" if prefix else field.name, arrays
                )
                for field in fields(kind)
            }
        )
    value = arrays.get(prefix)
    return value.item() if value is not None and value.ndim == 0 else value
