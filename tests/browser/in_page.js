// What the tests ask a page of JupyterLab, and what they do in it that has no button: `inPage.…` in every page.
const inPage = {
  notebook: () => window.jupyterapp?.shell.currentWidget,

  // JupyterLab's toolbar says idle before there is a kernel; the session knows.
  kernelReady: () => {
    const context = inPage.notebook()?.sessionContext, kernel = context?.session?.kernel;
    return !!context && context.isReady && kernel?.connectionStatus === 'connected' && kernel.status === 'idle';
  },

  kernelAbsent: () => {
    const context = inPage.notebook()?.sessionContext;
    return !!context && !context.session?.kernel && context.kernelDisplayName === 'No Kernel';
  },

  // After a cell that failed no other runs, and none says so.
  allRan: () => {
    const cells = [...document.querySelectorAll('.jp-Notebook .jp-CodeCell')];
    const ran = (cell) => /\[\d+\]:/.test(cell.querySelector('.jp-InputPrompt').textContent);
    const empty = (cell) => !cell.querySelector('.cm-content')?.textContent.trim();
    return inPage.cellErrors().length > 0 || (cells.length > 0 && cells.every((cell) => empty(cell) || ran(cell)));
  },

  // From the model: in the page an error looks like what a program printed on its error stream.
  cellErrors: () => inPage.notebook().content.widgets
    .filter((cell) => cell.model.type === 'code')
    .flatMap((cell) => cell.model.outputs.toJSON())
    .filter((output) => output.output_type === 'error').map((output) => `${output.ename}: ${output.evalue}`),

  // Nothing is returned: a promise would be awaited, and without any timeout.
  command: (name, options) => { window.jupyterapp.commands.execute(name, options); },

  appendCell: (code) => {
    const book = inPage.notebook().content;
    book.activeCellIndex = book.widgets.length - 1;
    book.mode = 'command';
    window.jupyterapp.commands.execute('notebook:insert-cell-below').then(() => {
      book.activeCell.model.sharedModel.setSource(code);
      window.jupyterapp.commands.execute('notebook:run-cell');
    });
  },

  focusName: () => {
    const here = document.activeElement;
    return (here?.labels?.[0]?.textContent ?? here?.getAttribute('aria-label') ?? here?.textContent ?? '').trim();
  },

  // What a person could not read: text that its own box cuts off, parts out of the cell, or over one another.
  unreadable: (selector) => [...document.querySelectorAll(selector)].flatMap((root) => {
    const frame = root.getBoundingClientRect(), found = [];
    const all = [...root.querySelectorAll('*')].filter(inPage.seen);
    for (const element of all.filter((each) => each.tagName === 'svg' || !each.closest('svg'))) {
      const box = element.getBoundingClientRect(), free = !inPage.scrolled(element, root);
      if (inPage.cut(element)) found.push(`cut off: ${inPage.named(element)}`);
      if (free && (box.right > frame.right + 1 || box.left < frame.left - 1))
        found.push(`sticks out: ${inPage.named(element)}`);
    }
    const parts = all.filter((each) => each.matches(inPage.parts) && !inPage.scrolled(each, root));
    const boxes = parts.map((each) => each.getBoundingClientRect());
    parts.forEach((one, i) => parts.slice(i + 1).forEach((other, k) => {
      if (inPage.overlap(boxes[i], boxes[i + 1 + k]) && !one.contains(other) && !other.contains(one))
        found.push(`over one another: ${inPage.named(one)} and ${inPage.named(other)}`);
    }));
    return found;
  }),

  parts: 'input, select, textarea, button, label, p, li, td, th, pre, [role=alert], [role=status]',

  seen: (element) => {
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    return box.width > 1 && box.height > 1 && style.visibility !== 'hidden' && style.opacity !== '0';
  },

  cut: (element) => {
    // The text of an input moves with the cursor.
    if (element.tagName === 'INPUT') return false;
    const style = getComputedStyle(element), hides = (how) => how === 'hidden' || how === 'clip';
    return (hides(style.overflowX) && element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1)
      || (hides(style.overflowY) && element.clientHeight > 0 && element.scrollHeight > element.clientHeight + 1);
  },

  // A part that a person can scroll hides nothing for good.
  scrolled: (element, root) => {
    for (let each = element.parentElement; each && each !== root; each = each.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(each);
      if ([overflowX, overflowY].some((how) => how === 'auto' || how === 'scroll')) return true;
    }
    return false;
  },

  overlap: (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2,

  named: (element) => {
    const text = (element.value ?? element.textContent ?? '').trim().replace(/\s+/g, ' ').slice(0, 40);
    return `<${element.tagName.toLowerCase()} class="${element.getAttribute('class') ?? ''}"> ${text}`;
  },
};
window.inPage = inPage;
