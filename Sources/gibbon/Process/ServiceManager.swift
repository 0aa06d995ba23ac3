// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Glibc

/// Tells the service manager that started this process how it is (systemd's `Type=notify`). Without one, nothing
/// happens.
enum ServiceManager {
  /// Requests are accepted.
  static func ready() { Self.notify("READY=1\nMAINPID=\(getpid())") }

  /// - Parameter socket: the manager's, as the variable `NOTIFY_SOCKET` has it: a path, or a name that begins with `@`.
  static func notify(_ state: String, to socket: String? = Environment.all["NOTIFY_SOCKET"]) {
    guard let name = socket, let first = name.utf8.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "@")
    else {
      return
    }
    var bytes = Array(name.utf8)
    // A name instead of a file begins with a zero.
    if first == UInt8(ascii: "@") { bytes[0] = 0 }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + (first == UInt8(ascii: "/") ? 1 : 0))
    let text = Array(state.utf8)
    // Safety: the address is whole, its length its own; sendto() reads the text's own length.
    _ = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(descriptor, text, text.count, Int32(MSG_NOSIGNAL), $0, length)
      }
    }
  }
}
