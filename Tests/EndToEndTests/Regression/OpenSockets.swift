// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting

/// The sockets a process holds, counted in /proc.
func openSocketCount(of process: pid_t) throws -> Int {
  let folder = "/proc/\(process)/fd"
  return try FileManager.default.contentsOfDirectory(atPath: folder).count { name in
    // A descriptor may be closed between the two looks.
    let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)")
    return target?.hasPrefix("socket:") ?? false
  }
}

/// Waits until the gateway holds no more sockets than it did.
func waitForSockets(of gateway: GatewayProcess, atMost limit: Int) throws {
  var count = 0
  try Deadline.wait(for: "\(limit) sockets in the gateway, has \(count)") {
    count = try openSocketCount(of: gateway.processID)
    return count <= limit
  }
}
