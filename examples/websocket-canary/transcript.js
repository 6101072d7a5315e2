import Table from 'cli-table3';
import picocolors from 'picocolors';

const colors = picocolors.createColors(process.stdout.isTTY && picocolors.isColorSupported);
const NAME_WIDTH = 62;

/** Prints each check when it is done, and a table of all checks at the end. */
export class Transcript {
  /** Rows by check name; each maps a column to whether the check holds. */
  #rows = new Map();
  #columns = new Set();

  heading(text) {
    console.log(`\n${colors.bold(text)}`);
  }

  line(text) {
    console.log(`  ${colors.dim(text)}`);
  }

  /** Runs a check. It holds if it does not throw; it returns a remark. Without a column it applies to every column. */
  async check(name, column, run) {
    let remark;
    let holds = true;
    try {
      remark = await run();
    } catch (error) {
      holds = false;
      remark = error.message.split('\n', 1)[0];
    }
    const paint = holds ? colors.dim : colors.red;
    console.log(`  ${describe(holds)} ${name.padEnd(NAME_WIDTH)} ${paint(remark)}`);
    if (column !== undefined) this.#columns.add(column);
    if (!this.#rows.has(name)) this.#rows.set(name, new Map());
    this.#rows.get(name).set(column, holds);
  }

  /** Prints the table and returns whether all checks hold. */
  finish() {
    const columns = [...this.#columns];
    const table = new Table({
      head: ['check', ...columns],
      colAligns: ['left', ...columns.map(() => 'center')],
      style: { head: [], border: [] },
      chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    });
    for (const [name, results] of this.#rows) {
      const cells = columns.map((column) => describe(results.get(column) ?? results.get(undefined)));
      table.push([name, ...cells]);
    }
    console.log(`\n${table.toString()}`);
    const all = [...this.#rows.values()].flatMap((results) => Array.from(results.values()));
    const failed = all.filter((holds) => !holds).length;
    console.log(
      failed === 0
        ? colors.green(`All ${all.length} checks hold.`)
        : colors.red(`${failed} of ${all.length} checks failed. The lines marked ✗ above say why.`),
    );
    return failed === 0;
  }
}

function describe(holds) {
  return holds ? colors.green('✓') : colors.red('✗');
}
