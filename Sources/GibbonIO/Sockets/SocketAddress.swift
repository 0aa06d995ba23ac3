// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonLinux
public import GibbonCore

/// Where a socket is bound or connected: an IP address and port, or a unix socket's path.
public enum SocketAddress: Sendable, Hashable {
  case internet(IPAddress, port: UInt16)
  /// At most 107 bytes; the peer of an accepted unix connection has an empty path.
  case unix(path: String)

  public var ip: IPAddress? {
    if case .internet(let ip, _) = self { ip } else { nil }
  }

  public var port: UInt16 {
    if case .internet(_, let port) = self { port } else { 0 }
  }

  func withNative<R>(_ body: (UnsafePointer<gibbon_address>) -> R) -> R {
    var native = gibbon_address()
    switch self {
    case .internet(let ip, let port):
      native.high = ip.high
      native.low = ip.low
      native.port = port
      native.family = ip.isV6 ? 6 : 4
    case .unix(let path):
      native.family = 1
      // Safety: at most 107 bytes are written into the 108-byte field, which is zeroed.
      unsafe withUnsafeMutableBytes(of: &native.path) { target in
        for (index, byte) in path.utf8.prefix(107).enumerated() { unsafe target[index] = byte }
      }
    }
    // Safety: the pointer is used inside the closure that lends it.
    return unsafe withUnsafePointer(to: &native) { unsafe body($0) }
  }

  init(_ native: borrowing gibbon_address) {
    switch native.family {
    case 4: self = .internet(IPAddress(v4: UInt32(truncatingIfNeeded: native.low)), port: native.port)
    // On a listener for both families an IPv4 peer comes in IPv6 form; rules are written for the IPv4 address.
    case 6: self = .internet(IPAddress(v6High: native.high, low: native.low).unmapped, port: native.port)
    default: self = .unix(path: "")
    }
  }
}

extension SocketAddress: CustomStringConvertible {
  /// `1.2.3.4:80`, `[::1]:80` or `unix:/path`.
  public var description: String {
    switch self {
    case .internet(let ip, let port): ip.isV6 ? "[\(ip)]:\(port)" : "\(ip):\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }
}
