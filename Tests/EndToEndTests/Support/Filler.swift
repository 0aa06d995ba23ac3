// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting

private let filler = [UInt8](repeating: UInt8(ascii: "f"), count: 1 << 18)

/// Sends bytes until the other side has taken none for half a second; how many it took.
func pushUntilStalled(_ socket: Socket, limit: Int = .max) throws -> Int {
  var sent = 0
  var stalled = ContinuousClock.now
  while ContinuousClock.now - stalled < .milliseconds(500), sent < limit {
    let count = try socket.sendSome(filler[..<min(filler.count, limit - sent)])
    sent += count
    if count > 0 { stalled = ContinuousClock.now } else { try? Gate().wait(seconds: 0.005) }
  }
  return sent
}

/// Sends `count` bytes, with a deadline for each piece rather than for the whole.
func sendFiller(_ socket: Socket, count: Int) throws {
  var left = count
  while left > 0 {
    let size = min(left, filler.count)
    try socket.send(size == filler.count ? filler : Array(filler[..<size]), seconds: 20)
    left -= size
  }
}
