// A real SMTP server. Prints "port N", and then each mail that it took as one line of JSON.
//   node smtp.mjs '{"port": 0, "user": "...", "password": "...", "methods": ["PLAIN"], "host": "127.0.0.1", "tls": "none" | "offered" | "from the start",
//                   "refuse": {"at": "rcpt" | "mail" | "data", "code": 550, "times": 1}}'
import PostalMime from "postal-mime";
import { SMTPServer } from "smtp-server";

const wish = JSON.parse(process.argv[2]);
let refusals = wish.refuse?.times ?? 0;

function judge(stage) {
  if (wish.refuse?.at !== stage || refusals === 0) return null;
  refusals--;
  return Object.assign(new Error("not today"), { responseCode: wish.refuse.code });
}

let logins = 0;
const server = new SMTPServer({
  secure: wish.tls === "from the start",
  disabledCommands: [...(wish.user ? [] : ["AUTH"]), ...(wish.tls === "offered" ? [] : ["STARTTLS"])],
  authMethods: wish.methods ?? ["PLAIN", "LOGIN"],
  allowInsecureAuth: wish.tls !== "offered",
  disableReverseLookup: true,
  onAuth(auth, session, callback) {
    const matches = auth.username === wish.user && auth.password === wish.password;
    if (matches) logins++;
    callback(matches ? null : new Error(`no such login: ${auth.username} ${auth.password}`), { user: auth.username });
  },
  onMailFrom: (address, session, callback) => callback(judge("mail")),
  onRcptTo: (address, session, callback) => callback(judge("rcpt")),
  async onData(stream, session, callback) {
    const raw = Buffer.concat(await stream.toArray());
    const refusal = judge("data");
    if (refusal) return callback(refusal);
    const mail = await PostalMime.parse(raw);
    console.log(JSON.stringify({
      from: session.envelope.mailFrom.address,
      to: session.envelope.rcptTo.map((each) => each.address),
      greeting: session.hostNameAppearsAs,
      secure: session.secure,
      method: session.transmissionType,
      logins,
      subject: mail.subject,
      headerTo: mail.to?.map((each) => each.address),
      date: mail.date,
      text: mail.text,
      messageId: mail.messageId,
      raw: raw.toString("latin1"),
    }));
    callback();
  },
});
server.on("error", (error) => console.error(error.message));
server.listen(wish.port ?? 0, wish.host ?? "127.0.0.1", () => console.log(`port ${server.server.address().port}`));
process.stdin.resume().on("end", () => process.exit(0));
