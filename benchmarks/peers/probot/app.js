// A minimal Probot app: it checks the signature and hands the event to a handler; it stores nothing.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { Probot, createNodeMiddleware } from "probot";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const probot = new Probot({
  appId: 1,
  privateKey: privateKey.export({ type: "pkcs8", format: "pem" }),
  secret: process.env.SECRET,
  logLevel: "fatal",
});
let failures = 0;
const app = (bot) => {
  bot.on("workflow_run.completed", async ({ payload }) => {
    if (payload.workflow_run.conclusion === "failure") failures += 1;
  });
};
const handle = await createNodeMiddleware(app, { probot, webhooksPath: "/github" });
const server = createServer(handle);
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
