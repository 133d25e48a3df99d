// Checks a webhook as receivers do. Standard input: {"secret", "signature", "body": base64} a line.
// Standard output, a line each: whether the signature fits the raw bytes, and the re-serialised body.
import { createHmac } from "node:crypto";
import { createInterface } from "node:readline";

const sign = (secret, bytes) => createHmac("sha256", secret).update(bytes).digest("hex");

for await (const line of createInterface({ input: process.stdin })) {
  const { secret, signature, body } = JSON.parse(line);
  const raw = Buffer.from(body, "base64");
  const again = Buffer.from(JSON.stringify(JSON.parse(raw.toString("utf8"))), "utf8");
  console.log(JSON.stringify({ raw: sign(secret, raw) === signature, reserialised: sign(secret, again) === signature }));
}
