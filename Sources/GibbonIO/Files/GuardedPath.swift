// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonLinux
internal import Glibc

/// Why a file is not opened, or a folder not made.
public struct GuardedFileError: Error, Sendable, Hashable, CustomStringConvertible {
  public let path: String
  public let reason: String
  /// The system's number; 0 where it is this process that refuses.
  public let code: Int32

  init(_ path: String, _ reason: String) {
    self.path = path
    self.reason = reason
    self.code = 0
  }

  init(_ path: String, code: Int32) {
    self.path = path
    self.reason = SystemError(code: code).text
    self.code = code
  }

  public var description: String { "\(self.path): \(self.reason)" }
}

/// The way to a file, folder by folder, each opened from the one before it, so that nobody can exchange a part of it
/// meanwhile. A link is followed only where nobody but root and the user of this process can have put it.
struct GuardedPath: ~Copyable {
  /// The folder that was reached.
  private(set) var folder: Int32
  /// What is left of the way, the next part last.
  private var rest: [String]
  private var linksLeft = 40
  private let path: String

  init(_ path: String) throws(GuardedFileError) {
    self.path = path
    self.rest = Self.parts(path)
    self.folder = try Self.start(path.utf8.first == UInt8(ascii: "/") ? "/" : ".", path)
  }

  deinit { close(self.folder) }

  private static func parts(_ path: String) -> [String] {
    path.utf8.split(separator: UInt8(ascii: "/")).compactMap { String($0) }.filter { $0 != "." }.reversed()
  }

  private static func start(_ name: String, _ path: String) throws(GuardedFileError) -> Int32 {
    let descriptor = unsafe gibbon_open_path(AT_FDCWD, name)
    guard descriptor >= 0 else { throw GuardedFileError(path, code: -descriptor) }
    return descriptor
  }

  /// Of the folder that was reached.
  var exposure: FolderExposure { FileIdentity(descriptor: self.folder)?.exposure ?? .everybody(isSticky: false) }

  /// Goes as far as the folder of the last part.
  ///
  /// - Parameter makesFolders: those that are not there are made.
  /// - Returns: the last part.
  mutating func last(makesFolders: Bool = false) throws(GuardedFileError) -> String {
    while true {
      guard let name = self.rest.popLast() else { throw GuardedFileError(self.path, "names no file") }
      if self.rest.isEmpty, name != ".." { return name }
      if makesFolders { _ = unsafe mkdirat(self.folder, name, 0o755) }
      try self.enter(name)
    }
  }

  private mutating func enter(_ name: String) throws(GuardedFileError) {
    let next = unsafe gibbon_open_path(self.folder, name)
    guard next >= 0 else { throw GuardedFileError(self.path, code: -next) }
    guard let found = FileIdentity(descriptor: next) else {
      close(next)
      throw GuardedFileError(self.path, code: errno)
    }
    if found.isLink {
      close(next)
      return try self.follow(name)
    }
    guard found.isFolder else {
      close(next)
      throw GuardedFileError(self.path, code: ENOTDIR)
    }
    close(self.folder)
    self.folder = next
  }

  /// Goes on where the link in this folder points to; the way has its end then where the link's has.
  mutating func follow(_ name: String) throws(GuardedFileError) {
    let link = unsafe gibbon_open_path(self.folder, name)
    guard link >= 0 else { throw GuardedFileError(self.path, code: -link) }
    defer { close(link) }
    guard let found = FileIdentity(descriptor: link), found.isLink else {
      throw GuardedFileError(self.path, "'\(name)' was exchanged while it was opened")
    }
    guard self.exposure.trusts(found) else {
      throw GuardedFileError(
        self.path, "'\(name)' on this way is a link in a folder that others can write to, and is not followed")
    }
    guard self.linksLeft > 0 else { throw GuardedFileError(self.path, code: ELOOP) }
    self.linksLeft -= 1
    let target = try self.target(of: link)
    if target.utf8.first == UInt8(ascii: "/") {
      let root = try Self.start("/", self.path)
      close(self.folder)
      self.folder = root
    }
    self.rest += Self.parts(target)
  }

  private func target(of link: Int32) throws(GuardedFileError) -> String {
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
    // Safety: at most the array's own length is written into it.
    let count = unsafe readlinkat(link, "", &bytes, bytes.count)
    guard count > 0, count < bytes.count else {
      throw GuardedFileError(self.path, code: count < 0 ? errno : ENAMETOOLONG)
    }
    return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
