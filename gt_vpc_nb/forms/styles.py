"""How forms look: one sheet, its colours the notebook theme's own, so that light, dark and high contrast just work."""

from __future__ import annotations

#: The class that every form of ours carries; the sheet says nothing about anything outside it.
FORM = "gt-vpc-nb-form"

#: Labels stand above their inputs, so that neither is cut in a narrow cell or at 400 % zoom.
_RULES = """
{f} {{ color: var(--jp-content-font-color1, inherit); max-width: 100%; }}
{f} :is(.widget-html, .widget-html-content) {{ height: auto; line-height: 1.4; max-width: 100%;
  overflow-wrap: anywhere; }}
{f} .gt-vpc-nb-field {{ min-width: 0; }}
{f} .gt-vpc-nb-field > .widget-inline-hbox:not(.widget-checkbox) {{
  flex-direction: column; align-items: stretch; height: auto; width: auto; }}
{f} .gt-vpc-nb-field .widget-label {{ width: auto; max-width: 100%; text-align: left; white-space: normal;
  line-height: 1.3; height: auto; font-weight: 600; color: var(--jp-content-font-color1, inherit); }}
{f} .gt-vpc-nb-field input[type=text], {f} .gt-vpc-nb-field textarea, {f} .gt-vpc-nb-field select {{
  width: 100%; box-sizing: border-box; min-width: 0; border-color: var(--jp-border-color0, #757575); }}
{f} .gt-vpc-nb-field :is(input[type=text], select, textarea) {{ flex: 0 0 auto; }}
{f} .gt-vpc-nb-field .widget-dropdown select {{ height: 2.2em; }}
{f} .gt-vpc-nb-field textarea {{ font-family: var(--jp-code-font-family, monospace); min-height: 4.5em; }}
{f} .widget-checkbox .widget-label-basic {{ white-space: normal; height: auto; overflow: visible; }}
{f} button.jupyter-button {{ width: auto; height: auto; min-height: 2em; white-space: normal; line-height: 1.3;
  padding: .25em .8em; border: 1px solid var(--jp-border-color0, #757575); }}
{f} button.jupyter-button:disabled {{ opacity: 1; color: var(--jp-ui-font-color1, inherit); border-style: dashed;
  background: var(--jp-layout-color2, transparent); }}
{f} :is(input, textarea, select, button, pre, [tabindex]):focus-visible {{
  outline: 2px solid var(--jp-brand-color1, #1565c0); outline-offset: 1px; }}
{f} .gt-vpc-nb-heading {{ margin: .8em 0 .2em; font-size: 1.1em; font-weight: 700; }}
{f} .gt-vpc-nb-help {{ margin: 0; font-size: .9em; color: var(--jp-content-font-color1, inherit); }}
{f} .gt-vpc-nb-said {{ margin: .15em 0; padding-left: .5em; border-left: 3px solid currentColor;
  color: var(--jp-content-font-color1, inherit); }}
{f} .gt-vpc-nb-said.error {{ border-left-color: var(--jp-error-color1, #c62828); }}
{f} .gt-vpc-nb-said.warning {{ border-left-color: var(--jp-warn-color1, #b26a00); }}
{f} .gt-vpc-nb-said.info {{ border-left-color: var(--jp-info-color1, #0277bd); }}
{f} pre {{ margin: 0; padding: .5em; max-height: 30em; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere;
  color: var(--jp-content-font-color1, inherit); background: var(--jp-layout-color1, transparent);
  border: 1px solid var(--jp-border-color1, #bdbdbd); font-family: var(--jp-code-font-family, monospace); }}
{f} pre .mark {{ font-weight: 700; }}
{f} pre .gutter {{ user-select: none; }}
{f} table {{ border-collapse: collapse; margin: .3em 0; color: inherit; }}
{f} :is(th, td) {{ text-align: left; vertical-align: top; padding: .2em .6em;
  border-bottom: 1px solid var(--jp-border-color1, #bdbdbd); white-space: normal; overflow-wrap: anywhere;
  min-width: min(7.6em, 15vw); }}
{f} th[scope=col], {f} [role=group] > table td, {f} .gt-vpc-nb-rows td {{ overflow-wrap: break-word; }}
{f} .gt-vpc-nb-rows th[scope=row] {{ min-width: 8em; }}
{f} caption {{ text-align: left; caption-side: top; padding: .3em 0; font-weight: 600; color: inherit; }}
{f} summary {{ cursor: pointer; }}
"""
SHEET = f"<style>{_RULES.format(f=f'.{FORM}')}</style>"
