/*
 * What every entry of dist/ begins with (build/bundle.mjs fills in the names in capitals). An old Node must get
 * as far as being told that it is too old, so nothing here is newer than Node 12, and the program is read afterwards.
 */
(() => {
  var found = process.versions.node.split('.').map(Number);
  if (found[0] < LEAST_MAJOR || (found[0] === LEAST_MAJOR && found[1] < LEAST_MINOR)) {
    process.exitCode = 3;
    process.stderr.write(
      'misalignment-gate needs Node.js LEAST_MAJOR.LEAST_MINOR or newer, and this is ' +
        process.versions.node +
        '. Install a newer one (https://nodejs.org, or your version manager: nvm install 24) and run the same command again.\n',
    );
    return;
  }
  // There is no verdict yet; whatever ends the process before there is one, it must not look like one.
  process.exitCode = 2;
  import('PROGRAM').catch((error) => {
    process.exitCode = 4;
    process.stderr.write(
      'misalignment-gate could not be started: ' + (error instanceof Error ? error.stack : error) + '\n',
    );
  });
})();
