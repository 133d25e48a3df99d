// node build.mjs FOLDER: writes there what browsers load beside the pages.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Of Tabler's outline icons, those that the pages use. */
const icons = [
  "alert-triangle", "apps", "building", "folder", "info-circle", "login", "logout", "user", "user-plus",
];

const here = import.meta.dirname;
const tabler = join(here, "node_modules/@tabler");
const output = process.argv[2];
mkdirSync(output, { recursive: true });

const styles = readFileSync(join(tabler, "core/dist/css/tabler.min.css"), "utf8").replace(/\/\*#.*?\*\//g, "");
writeFileSync(join(output, "vedette.css"), `${styles}\n${whenDark(styles)}\n${readFileSync(join(here, "vedette.css"), "utf8")}`);
writeFileSync(join(output, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${icons.map(symbol).join("")}</svg>\n`);
copyFileSync(join(here, "logo.svg"), join(output, "logo.svg"));

/**
 * Tabler is dark where an attribute says so, and only a script could set that by the system's preference. So its dark rules
 * are repeated here for the whole page, behind the media query: as specific as the light ones, and after them.
 */
function whenDark(css) {
  const open = [];
  const rules = [];
  for (const [, text, brace] of css.matchAll(/([^{}]*)([{}])/g)) {
    if (brace === "{") {
      open.push(text);
      continue;
    }

    const selectors = open.pop().split(",").map((selector) => /^(?::root)?\[data-bs-theme=dark\](?<rest>.*)$/.exec(selector)?.groups.rest);
    const dark = selectors.filter((rest) => rest !== undefined).map((rest) => `:root${rest}`);
    if (dark.length > 0) rules.push(`${open.map((outer) => `${outer}{`).join("")}${dark.join(",")}{${text}}${"}".repeat(open.length)}`);
  }

  if (rules.length === 0) throw new Error("Tabler has no dark rules where build.mjs looks for them");
  return `@media (prefers-color-scheme: dark){${rules.join("")}}`;
}

function symbol(name) {
  const paths = readFileSync(join(tabler, `icons/icons/outline/${name}.svg`), "utf8").match(/<path(?! stroke="none")[^>]*>/g);
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${paths.join("")}</symbol>`;
}
