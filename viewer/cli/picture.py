"""``bxl-twin picture``: a still picture of a city, or of a result laid over it."""

import re
from pathlib import Path
from typing import Annotated

import typer

from kernels.quantities import LANGUAGES, Language
from twin.city import CityError
from viewer.cli.console import as_command, messages, mistakes, progress
from viewer.still.camera import VIEWS
from viewer.still.field import PictureError
from viewer.still.light import DRAFT, FINE
from viewer.still.subject import caption_of, model_of_subject, open_subject

_SMALLEST, _LARGEST = 320, 8192


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)[x×](\d+)", text.strip())
    size = (int(found[1]), int(found[2])) if found else (0, 0)
    if not all(_SMALLEST <= one <= _LARGEST for one in size):
        raise PictureError(
            f"--size {text}: expected WIDTHxHEIGHT in pixels, each from {_SMALLEST} to {_LARGEST}, such as 1920x1080"
        )
    return size


def _view(text: str) -> str:
    if text not in VIEWS:
        raise PictureError(f"--view {text}: expected one of {', '.join(VIEWS)}")
    return text


def _language(text: str) -> Language:
    for known in LANGUAGES:
        if text == known:
            return known
    raise PictureError(f"--lang {text}: expected one of {', '.join(LANGUAGES)}")


def _target(path: Path) -> Path:
    if path.suffix.lower() != ".png":
        raise PictureError(f"--out {path}: a picture is written as PNG; give it a name that ends in .png")
    if path.is_dir():
        raise PictureError(f"--out {path}: is a folder; name a file in it")
    if not path.absolute().parent.is_dir():
        raise PictureError(f"--out {path}: there is no folder {path.parent}; make it first")
    return path


def picture(
    subject: Annotated[
        Path, typer.Argument(help="City folder, result folder, any Zarr with fields over (y, x), or the word demo.")
    ],
    out: Annotated[Path, typer.Option(help="PNG to write.")],
    field: Annotated[str | None, typer.Option(help="Field of the result; default: the deepest water.")] = None,
    time: Annotated[float | None, typer.Option(help="Model time [s]; the nearest output. Default: the last.")] = None,
    view: Annotated[str, typer.Option(help="Where the eye stands: " + ", ".join(VIEWS))] = "south-west",
    size: Annotated[str, typer.Option(help="Width x height in pixels.")] = "1920x1080",
    lang: Annotated[str, typer.Option(help="Language of the words: " + ", ".join(LANGUAGES))] = "fr",
    city: Annotated[Path | None, typer.Option(help="City folder of the result, or the word demo.")] = None,
    hour: Annotated[
        float | None, typer.Option(min=0, max=24, help="Hour of the June day whose sun lights it; default: by view.")
    ] = None,
    draft: Annotated[bool, typer.Option("--draft", help="A quick look, with coarse light.")] = False,
    title: Annotated[str | None, typer.Option(help="Title; default: the name of the city.")] = None,
) -> None:
    """Draw a still picture of a city or of a result."""
    with mistakes(PictureError, CityError):
        target, pixels, side, language = _target(out), _size(size), _view(view), _language(lang)
        with progress("picture") as tell:
            tell(0.0, "reading")
            found = open_subject(subject, city, field, time)
            tell(0.1, "model")
            model = model_of_subject(found)
            tell(0.2, "light")
            # Loaded here and not above: asking for help, or a mistake in an option, must not load a graphics library.
            from viewer.scene import draw

            still = draw(
                model,
                caption_of(found, language, title),
                field=found.field,
                view=side,
                size=pixels,
                hour=hour,
                quality=DRAFT if draft else FINE,
                on_progress=lambda share: tell(0.2 + 0.78 * share, "light"),
            )
            still.save(target)
    if found.city is None:
        messages.print("[yellow]drawn without houses[/]: the result's city is not near it; name it with --city")
    messages.print(f"drawn: {target} ({pixels[0]} x {pixels[1]})", soft_wrap=True)


command = as_command(picture)
