// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonIO
internal import Glibc

/// Why an address cannot be listened on, in words that say what to do.
enum ListenFailure {
  /// - Parameters:
  ///   - property: which names the address.
  ///   - code: the system's number.
  static func failure(_ property: String, _ address: String, code: Int32) -> Failure {
    let choose = "choose another address with \(property) (in the environment: GIBBON_\(property.uppercased()))"
    switch code {
    case EADDRINUSE:
      return Failure(
        "\(property): \(address) is in use already (98: Address already in use)",
        advice: "Another program listens there. Stop it, or \(choose). 'ss -ltnp' tells which one it is.")
    case EACCES, EPERM:
      return Failure(
        "\(property): \(address) may not be listened on by this user (\(code): \(systemReason(code)))",
        advice: "Ports below 1024 need root or the capability CAP_NET_BIND_SERVICE; a socket's folder must be "
          + "writable. Or \(choose).")
    case EADDRNOTAVAIL:
      return Failure(
        "\(property): \(address) is no address of this machine (99: Cannot assign requested address)",
        advice: "Name one that 'ip address' shows, 0.0.0.0 or [::] for all, or \(choose).")
    case EAFNOSUPPORT:
      return Failure(
        "\(property): \(address) is an IPv6 address, and this machine has no IPv6",
        advice: "Use an IPv4 address such as 127.0.0.1, or \(choose).")
    default:
      return Failure(
        "\(property): \(address) cannot be opened (\(code): \(systemReason(code)))",
        advice: "Correct that, or \(choose).")
    }
  }
}
