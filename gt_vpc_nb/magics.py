"""The %gt_vpc and %%gt_vpc magics: they parse, call one thing, and return it."""

from __future__ import annotations

import argparse
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class, needs_local_scope, no_var_expand
from traitlets import Bool

from gt_vpc_nb.command_line import HelpShown, magic_parser, words_of
from gt_vpc_nb.errors import CommandError, GtVpcError, near_miss
from gt_vpc_nb.expansion import Expansion

_NAME = "gt_vpc"
_WITH_BODY = ("job", "submit")


class Place:
    """Where the calls of the magics go; shown as a banner."""

    def __init__(self, session: Any, local: Any = None) -> None:
        self.session = session
        #: The local AWS itself (its clock, log and world), or None for a real account.
        self.local = local

    def __repr__(self) -> str:
        from gt_vpc_nb.aws.sessions import standing

        return f"Calls now go to: {standing(self.session)}"


@magics_class
class GtVpcMagics(Magics):
    """Configuration of %gt_vpc; list and set it with %config GtVpcMagics."""

    short_errors = Bool(True, help="One to five lines for an error of ours; False brings the traceback back.").tag(
        config=True
    )

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._parser = magic_parser()
        self._place: Place | None = None
        self.observe(self._set_short_errors, "short_errors")
        GtVpcError.short_in_notebooks = self.short_errors

    def _set_short_errors(self, change: Any) -> None:
        GtVpcError.short_in_notebooks = change["new"]

    @no_var_expand
    @needs_local_scope
    @line_cell_magic
    def gt_vpc(self, line: str, cell: str | None = None, local_ns: dict[str, Any] | None = None) -> object:
        """Ground Truth labeling jobs in a VPC: %gt_vpc --help."""
        expansion = Expansion({**self.shell.user_ns, **(local_ns or {})})
        try:
            words = words_of(expansion.mark(line))
            if not words:
                raise CommandError("%gt_vpc needs a command: %gt_vpc --help lists them.")
            parsed = self._parser.parse_args(words)
        except HelpShown as shown:
            print(shown)
            return None
        options = argparse.Namespace(**{name: expansion.restore(value) for name, value in vars(parsed).items()})
        body = None if cell is None else _body(cell, expansion)
        if body is not None and options.command not in _WITH_BODY:
            raise CommandError(
                f"%%gt_vpc {options.command} takes no body: write %gt_vpc {options.command} on one line."
            )
        return getattr(self, f"_{options.command}")(options, body)

    @property
    def _session(self) -> Any:
        return self._place.session if self._place else None

    def _use(self, options: argparse.Namespace, _: object) -> Place:
        if options.place == "local":
            from gt_vpc_nb.local import LocalAws

            aws = LocalAws.example()
            inside = aws.session(vpc_endpoint=aws.world.vpc_endpoint, region=options.region or aws.world.region)
            self._place = Place(inside, aws)
        elif options.place == "aws":
            import boto3

            self._place = Place(boto3.Session(profile_name=options.profile, region_name=options.region))
        elif isinstance(options.place, str):
            raise CommandError(
                f"%gt_vpc use: '{options.place}' is not a place; write local, aws, or {{{{session}}}}"
                f"{near_miss(options.place, ('local', 'aws'))}."
            )
        else:
            self._place = Place(options.place)
        return self._place

    def _audit(self, options: argparse.Namespace, _: object) -> object:
        from gt_vpc_nb.access import audit

        perimeter = self._perimeter(options)
        _as_python(f"audit({options.buckets!r}, {perimeter!r}, session)")
        return audit(options.buckets, perimeter, self._session)

    def _grant(self, options: argparse.Namespace, _: object) -> object:
        from gt_vpc_nb.access import grant

        perimeter = self._perimeter(options)
        applied = ".apply()" if options.apply else ""
        _as_python(f"grant({options.bucket!r}, {perimeter!r}, session){applied}")
        change = grant(options.bucket, perimeter, self._session)
        return change.apply() if options.apply else change

    def _rollback(self, options: argparse.Namespace, _: object) -> object:
        from gt_vpc_nb.access import rollback

        _as_python(f"rollback({options.bucket!r}, session)" + (".apply()" if options.apply else ""))
        change = rollback(options.bucket, self._session)
        return change.apply() if options.apply else change

    def _perimeter(self, options: argparse.Namespace) -> Any:
        from gt_vpc_nb.aws.sessions import open_session
        from gt_vpc_nb.policy.perimeter import Perimeter

        return Perimeter(
            vpcs=tuple(options.vpc),
            vpc_endpoints=tuple(options.endpoint),
            ground_truth=options.region or open_session(self._session).region_name,
            execution_role=options.role,
            administrators=tuple(options.admin),
        )

    def _jobs(self, options: argparse.Namespace, _: object) -> object:
        from gt_vpc_nb.jobs import labeling_jobs

        asked = {"regions": options.region or None, "status": options.status, "name_contains": options.name}
        given = {name: value for name, value in asked.items() if value}
        _as_python(f"labeling_jobs({', '.join(['session=session', *(f'{k}={v!r}' for k, v in given.items())])})")
        return labeling_jobs(session=self._session, **given)

    def _job(self, options: argparse.Namespace, body: Any) -> object:
        from gt_vpc_nb.builder import LabelingJob
        from gt_vpc_nb.plan import plan_of

        if body is None:
            raise CommandError("%gt_vpc job takes a YAML body: start the cell with %%gt_vpc job.")
        plan = plan_of(LabelingJob.from_yaml(body), self._session)
        self._bind(options.variable, plan.job)
        return plan

    def _submit(self, options: argparse.Namespace, body: Any) -> object:
        from gt_vpc_nb.builder import LabelingJob
        from gt_vpc_nb.plan import plan_of

        job = LabelingJob.from_yaml(body) if body is not None else self._held(options.variable)
        submitted = plan_of(job, self._session).submit(options.despite)
        if body is not None:
            self._bind(options.variable, submitted)
        _as_python("job.submit(session)")
        return submitted

    def _template(self, options: argparse.Namespace, _: object) -> None:
        from gt_vpc_nb.aws.sessions import open_session
        from gt_vpc_nb.job_examples import example_yaml

        here = options.region or open_session(self._session).region_name
        region = {"region_code": here} if here else {}
        body = example_yaml(options.task, **region)
        _as_python(f"LabelingJob.example({', '.join(map(repr, (options.task, *region.values())))})")
        self.shell.set_next_input(f"%%gt_vpc job\n{body}")

    def _explain(self, options: argparse.Namespace, _: object) -> object:
        from gt_vpc_nb.facts.explaining import explain

        _as_python(f"gt_vpc_nb.facts.explaining.explain({options.word!r})")
        return explain(options.word)

    def _lint(self, options: argparse.Namespace, _: object) -> object:
        from gt_vpc_nb.linting import lint

        _as_python(f"lint({options.files!r})")
        return lint(options.files)

    def _held(self, variable: object) -> Any:
        from gt_vpc_nb.builder import LabelingJob

        job = self.shell.user_ns.get(variable) if isinstance(variable, str) else variable
        if isinstance(job, LabelingJob):
            return job
        if variable is None:
            raise CommandError("%gt_vpc submit needs a variable that holds a LabelingJob, or a YAML body (%%gt_vpc).")
        held = [name for name, value in self.shell.user_ns.items() if isinstance(value, LabelingJob)]
        raise CommandError(f"%gt_vpc submit: '{variable}' does not hold a LabelingJob{near_miss(str(variable), held)}")

    def _bind(self, variable: str | None, value: object) -> None:
        if variable is None:
            return
        if not str(variable).isidentifier():
            raise CommandError(f"'{variable}' is not a variable name.")
        self.shell.push({variable: value})


def _body(cell: str, expansion: Expansion) -> Any:
    import yaml

    try:
        return expansion.restore(yaml.safe_load(expansion.mark(cell)))
    except yaml.YAMLError as problem:
        where = getattr(problem, "problem_mark", None)
        line = f" in line {where.line + 1}" if where else ""
        raise CommandError(f"The body is not YAML{line}: {getattr(problem, 'problem', problem)}.") from None


def _as_python(code: str) -> None:
    print(f"# in Python: {code}")


def load(shell: InteractiveShell) -> None:
    """Registers the magics; a second load replaces the first."""
    unload(shell)
    magics = GtVpcMagics(shell)
    magics.gt_vpc.__func__.__doc__ = magics._parser.format_help()
    shell.register_magics(magics)


def unload(shell: InteractiveShell) -> None:
    """Takes the magics out again: the shell's magics and configurables are as before."""
    shell.configurables[:] = [each for each in shell.configurables if not isinstance(each, GtVpcMagics)]
    shell.magics_manager.registry.pop(GtVpcMagics.__name__, None)
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop(_NAME, None)
    GtVpcError.short_in_notebooks = True
