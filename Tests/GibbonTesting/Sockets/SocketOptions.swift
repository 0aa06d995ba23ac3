// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#endif

/// Held while a process is started, and while a descriptor exists that is not yet marked as closed on exec: Swift's
/// Glibc has no `accept4` and no `pipe2`, and a gateway that inherits a test's socket would keep it open.
let descriptorLock = Mutex(())

func acceptClosedOnExec(_ listener: Int32) -> Int32 {
  descriptorLock.withLock { _ in
    let accepted = accept(listener, nil, nil)
    if accepted >= 0 { _ = fcntl(accepted, F_SETFD, FD_CLOEXEC) }
    return accepted
  }
}

/// `SOCK_STREAM`, closed on exec.
func streamType() -> Int32 {
  Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
}

func lastError() -> String { String(cString: strerror(errno)) }

func setNonBlocking(_ descriptor: Int32) {
  _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
}

func setOption(_ descriptor: Int32, _ option: Int32, _ value: Int32, level: Int32 = SOL_SOCKET) {
  var value = value
  _ = setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
}

func socketError(_ descriptor: Int32) -> Int32 {
  var error: Int32 = 0
  var length = socklen_t(MemoryLayout<Int32>.size)
  return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno
}

func loopback(port: Int, host: String) -> sockaddr_in {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = in_port_t(UInt16(truncatingIfNeeded: port)).bigEndian
  address.sin_addr.s_addr = inet_addr(host)
  return address
}

func boundPort(of descriptor: Int32) -> Int {
  var address = sockaddr_in()
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let outcome = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
  }
  return outcome == 0 ? Int(UInt16(bigEndian: address.sin_port)) : 0
}
