// The AT Protocol's own servers on loopback: PLC, PDS and AppView (@atproto/dev-env).
//
// Takes DB_POSTGRES_URL, DB_POSTGRES_SCHEMA and REDIS_HOST as dev-env does. Prints one line of JSON once all of them
// answer, and ends with its standard input, so that it cannot outlive whoever started it.
'use strict'
const net = require('node:net')

// dev-env listens on every interface and cannot be told otherwise.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...words) {
  const first = words[0]
  if (first !== null && typeof first === 'object' && 'port' in first) {
    words[0] = { ...first, host: '127.0.0.1' }
  } else if (typeof first === 'number' || (typeof first === 'string' && /^\d+$/.test(first))) {
    const rest = words.slice(1).filter((word) => typeof word === 'function')
    return listen.call(this, { port: Number(first), host: '127.0.0.1' }, ...rest)
  }
  return listen.apply(this, words)
}

const { TestNetwork } = require('@atproto/dev-env')
const { version } = require('@atproto/dev-env/package.json')
const pds = require('@atproto/pds/package.json').version
const bsky = require('@atproto/bsky/package.json').version

process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
// A subscription that a killed reader left behind is no reason to end.
process.on('uncaughtException', (error) => console.error('uncaught:', error))
process.on('unhandledRejection', (error) => console.error('unhandled:', error))

async function main() {
  // The real limits: 3,000 calls in five minutes for an address, 30 logins for an account.
  const limited = process.env.RATE_LIMITS !== '0'
  const network = await TestNetwork.create({
    pds: { rateLimitsEnabled: limited },

  })
  const told = { pds: network.pds.url, appview: network.bsky.url, plc: network.plc.url, versions: { version, pds, bsky } }
  process.stdout.write(JSON.stringify(told) + '\n')
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
