// Sends what the tests ask for with the real SDK: one error a line of DSN and JSON on the command line.
//   node throw.mjs DSN '{"message": "...", "extra": {...}, "tags": {...}, "user": {...}, "fingerprint": [...], "times": 1}'
import * as Sentry from "@sentry/node";

const [dsn, text] = process.argv.slice(2);
const wish = JSON.parse(text);

Sentry.init({ dsn, release: wish.release, environment: wish.environment });

function checkout() {
  throw new TypeError(wish.message);
}

for (let i = 0; i < (wish.times ?? 1); i++) {
  try {
    checkout();
  } catch (error) {
    Sentry.captureException(error, { extra: wish.extra, tags: wish.tags, user: wish.user, fingerprint: wish.fingerprint });
  }
}

if (!(await Sentry.flush(10_000))) {
  console.error("the SDK could not send everything within 10 s");
  process.exit(1);
}
