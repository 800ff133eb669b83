"""Real pictures for the local AWS: the 1,797 handwritten digits that ship inside scikit-learn."""

from __future__ import annotations

import functools
import io

#: How many screen pixels a pixel of the 8x8 pictures becomes.
ENLARGED = 8


@functools.cache
def digits() -> tuple[tuple[str, bytes, int], ...]:
    """All digits as (file name, PNG bytes, digit): ``digits/0000.png`` …, 64x64 pixels, grey, white on black.

    Source: E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, as
    `sklearn.datasets.load_digits` has them: 8x8 pixels with values 0 to 16, scaled here to 0 to 255.
    """
    from sklearn.datasets import load_digits

    data = load_digits()
    pairs = zip(data.images, data.target, strict=True)
    return tuple((f"digits/{number:04}.png", _png(image), int(digit)) for number, (image, digit) in enumerate(pairs))


def _png(image: object) -> bytes:
    import numpy
    from PIL import Image

    grey = numpy.rint(numpy.asarray(image) * (255 / 16)).astype("uint8")
    picture = Image.fromarray(grey).resize((8 * ENLARGED, 8 * ENLARGED), Image.Resampling.NEAREST)
    file = io.BytesIO()
    picture.save(file, format="PNG", compress_level=6)
    return file.getvalue()
