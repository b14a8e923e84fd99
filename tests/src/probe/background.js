// Counts what the background fetches and which pages have a sensor. The first that background.js takes in.
const counted = { fetched: [], sensors: [], heard: [] };
globalThis.longkeyProbe = counted;
const real = globalThis.fetch;
globalThis.fetch = (what, ...more) => {
  counted.fetched.push(String(what?.url ?? what).split("/").pop());
  return real(what, ...more);
};
chrome.runtime.onMessage.addListener((message, sender) => {
  if (message?.probe) counted.sensors.push(message.probe);
  if (message?.content) counted.heard.push(sender.tab?.url);
});
