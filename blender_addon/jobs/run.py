# SPDX-License-Identifier: GPL-3.0-or-later
"""One job from rendering its cameras to the worker's last word."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from uner3d_core import protocol
from uner3d_core.coloured_mesh import ColouredMesh
from uner3d_core.errors import Cancelled, Uner3dError

from ..cloud_arrays import CloudArrays
from ..engine.client import Job, JobState, Phase
from ..folder_lock import FolderLock
from ..standing import Place
from . import folders
from .loading import load_result
from .preview import Preview

if TYPE_CHECKING:
    from .filling import Filling

CAPTURE_STAGE = "Rendering the cameras"
LOADING_STAGE = "Reading the result"

Preparation = Generator[tuple[int, int], None, None]
"""Does a little each time, and tells how many cameras are rendered, of how many; 0 of 0 where there are none.

Where ``Cancelled`` is thrown into it, it stops and raises that, at once or after some more steps; ``close``
stops it at once."""


@dataclass(eq=False)
class Run:
    """A job with what comes before it: rendering the cameras, one with each step.

    Parameters
    ----------
    title : str
        Name of the cloud that it makes.
    folder : Path
        Its job folder.
    engine_python : Path
        The Python that runs the worker.
    task : Reconstruct, Resample or ConvertToMesh
        What the worker is to do.
    scene : int
        ``session_uid`` of the scene that the result belongs to.
    cloud : int, optional
        ``session_uid`` of the cloud that gets other points or becomes a mesh; None for a new cloud.
    temporary : bool
        Whether the folder was made for this run: it goes when the run fails, all but the result otherwise.
    lock : FolderLock, optional
        Held on the folder until the run is over.
    place : Place, optional
        Where its cloud stands if the cameras have to be estimated.
    preparation : Preparation, optional
        What is left to do before the worker starts: renders the cameras.
    notes : list of str
        What was found before the worker started, such as cameras that see nothing.
    of_inputs : bool
        Whether it is made from the inputs of its scene.
    again : callable, optional
        Puts the same job into the queue once more.
    preview : Preview, optional
        Draws its early clouds; None where nobody looks.
    filling : Filling, optional
        Makes the mesh of its cloud where somebody looks on.
    keep_preview : bool
        Whether the newest early cloud becomes an object when the run is cancelled.
    state : JobState
        How it stands.
    over : bool
        Whether its result was taken or given up, and its folder cleared.
    made : int, optional
        ``session_uid`` of the object that its result, or its kept preview, became.
    error : Uner3dError, optional
        Why its result did not become one, once it is over.
    """

    title: str
    folder: Path
    engine_python: Path
    task: protocol.Task
    scene: int
    cloud: int | None = None
    temporary: bool = True
    lock: FolderLock | None = None
    place: Place | None = None
    preparation: Preparation | None = None
    notes: list[str] = field(default_factory=list)
    of_inputs: bool = False
    again: Callable[[], Run] | None = None
    preview: Preview | None = None
    filling: Filling | None = None
    keep_preview: bool = False
    state: JobState = field(default_factory=lambda: JobState(Phase.WAITING))
    over: bool = False
    made: int | None = None
    error: Uner3dError | None = None
    _job: Job | None = field(default=None, init=False, repr=False)
    _loading: Future[CloudArrays] | Future[ColouredMesh] | None = field(default=None, init=False, repr=False)

    @property
    def estimated_place(self) -> Place | None:
        """Where its clouds stand; None while it is not known that there are no cameras which tell it."""
        return self.place if folders.stands_freely(self.folder, self.task) else None

    @property
    def log(self) -> tuple[str, ...]:
        """What was told so far that is worth reading."""
        return (*self.notes, *self.state.log)

    def advance(self) -> JobState:
        """Do the next step: render one camera, start the worker, or look at how far it is."""
        if self.state.ended:
            return self.state
        try:
            if self._job is not None:
                self.state = self._await_loaded(self._job.poll())
                if self.preview is not None and self.state.previews:
                    self.preview.show(self.state.previews[-1], self.estimated_place)
            elif self.preparation is not None:
                cancelling = self.state.phase is Phase.CANCELLING
                self._prepare(self.preparation.__next__, Phase.CANCELLING if cancelling else Phase.RUNNING)
            else:
                self._start_job()
        except Uner3dError as error:
            self.state = JobState(Phase.FAILED, error=error)
        return self.state

    @property
    def offers(self) -> bool:
        """Whether it makes clouds to choose from, and none in the scene."""
        return isinstance(self.task, protocol.Imagine)

    def loaded(self, result: protocol.Result) -> CloudArrays | ColouredMesh:
        """Give the result that was read when the run ended.

        Raises
        ------
        CloudFileError
            If its file can't be read.
        """
        self._loading = self._loading or load_result(self.task, result)
        return self._loading.result()

    def cancel(self) -> None:
        """Ask it to stop; ``advance`` tells when it has."""
        if self._job is not None:
            self._job.cancel()
        elif self.state.ended or self.state.phase is Phase.CANCELLING:
            return
        elif self.preparation is not None:
            preparation = self.preparation
            self._prepare(lambda: preparation.throw(Cancelled()), Phase.CANCELLING)
        else:
            self.state = JobState(Phase.CANCELLED, error=Cancelled())

    def close(self) -> None:
        """End it at once, as when the add-on goes away."""
        if self._job is not None:
            self.state = self._job.close()
        elif not self.state.ended:
            if self.preparation is not None:
                self.preparation.close()
            self.state = JobState(Phase.CANCELLED, error=Cancelled())

    def _await_loaded(self, state: JobState) -> JobState:
        """Let a run go on until its result has been read."""
        if state.result is None or self.offers:
            return state
        self._loading = self._loading or load_result(self.task, state.result)
        if self._loading.done():
            return state
        return replace(state, phase=Phase.RUNNING, stage=LOADING_STAGE, done=0, total=0, result=None)

    def _prepare(self, step: Callable[[], tuple[int, int]], phase: Phase) -> None:
        try:
            done, total = step()
        except StopIteration:
            self.preparation = None
            self._start_job()
        except Cancelled as error:
            self.state = JobState(Phase.CANCELLED, error=error)
        except Uner3dError as error:
            self.state = JobState(Phase.FAILED, error=error)
        else:
            self.state = JobState(phase, CAPTURE_STAGE if total else "", done, total)

    def _start_job(self) -> None:
        try:
            job = Job(self.engine_python, self.folder)
            job.start()
        except Uner3dError as error:
            self.state = JobState(Phase.FAILED, error=error)
        else:
            self._job = job
            self.state = job.poll()
