// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonLinux
internal import GibbonTLS

/// What the kernel knows of a connection.
extension Connection {
  /// The address of our end.
  public final var localAddress: SocketAddress? {
    var native = gibbon_address()
    // Safety: the shim fills a local.
    guard unsafe gibbon_local_address(self.descriptor, &native) >= 0 else { return nil }
    return SocketAddress(native)
  }

  /// Whether bytes, or the peer's end, wait in the kernel. Asks the kernel: one system call.
  public final var hasInput: Bool { self.session?.hasPending == true || gibbon_has_input(self.descriptor) != 0 }
}
