// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonIO
import Glibc
import Testing

/// Files and folders where others may have put something in their place.
@Suite struct GuardedFileTests {
  /// A folder of the test's own with a folder in it that everybody, or only some, can write to.
  private final class Place {
    let path: String
    var shared: String { self.path + "/shared" }
    var victim: String { self.path + "/victim" }

    init(mode: mode_t) throws {
      var template = Array("/tmp/gibbon-guard-XXXXXX".utf8CString)
      try #require(mkdtemp(&template) != nil)
      self.path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
      try #require(mkdir(self.shared, 0o700) == 0 && chmod(self.shared, mode) == 0)
      let descriptor = open(self.victim, O_WRONLY | O_CREAT, 0o600)
      GuardedFile.write(Array("mine".utf8), to: descriptor)
      close(descriptor)
    }

    deinit {
      for name in ["shared/a/b", "shared/a", "shared/b", "shared/link/b", "shared/link", "victim"] {
        if unlink("\(self.path)/\(name)") != 0 { rmdir("\(self.path)/\(name)") }
      }
      rmdir(self.shared)
      rmdir(self.path)
    }

    var victimText: String { (try? GuardedFile.read(self.victim)).map { String(decoding: $0, as: UTF8.self) } ?? "" }
  }

  private static func mode(_ path: String) -> UInt32 { (FileIdentity(path: path)?.mode ?? 0) & 0o7777 }

  /// The reason why it is not opened, nil when it is.
  private static func refusal(_ path: String, _ kind: GuardedFile.Kind, _ access: GuardedFile.Access) -> String? {
    do {
      close(try GuardedFile.open(path, kind, access).descriptor)
      return nil
    } catch {
      return error.reason
    }
  }

  private static let shared: [mode_t] = [0o777, 0o1777]

  @Test func modeDoesNotDependOnTheUmask() throws {
    let place = try Place(mode: 0o700)
    // The umask is the whole process's: only what is made is looked at, whatever it is.
    let (descriptor, isNew) = try GuardedFile.open(place.shared + "/a", .secret, .write)
    close(descriptor)
    close(try GuardedFile.open(place.shared + "/b", .log, .append).descriptor)
    #expect(isNew)
    #expect(Self.mode(place.shared + "/a") == 0o600)
    #expect(Self.mode(place.shared + "/b") == 0o640)
  }

  @Test(arguments: Self.shared, [GuardedFile.Access.write, .append, .read])
  func linkInAFolderOfEverybodyIsNotFollowed(mode: mode_t, access: GuardedFile.Access) throws {
    let place = try Place(mode: mode)
    try #require(symlink(place.victim, place.shared + "/a") == 0)
    for kind in [GuardedFile.Kind.secret, .log] {
      #expect(Self.refusal(place.shared + "/a", kind, access)?.contains("link") == true)
    }
    #expect(place.victimText == "mine")
  }

  @Test func linkToNothingDoesNotMakeAFileElsewhere() throws {
    let place = try Place(mode: 0o1777)
    try #require(symlink(place.path + "/new", place.shared + "/a") == 0)
    #expect(Self.refusal(place.shared + "/a", .log, .append) != nil)
    #expect(FileIdentity(path: place.path + "/new") == nil)
  }

  @Test func linkOnTheWayIsNotFollowed() throws {
    let place = try Place(mode: 0o777)
    try #require(symlink(place.path, place.shared + "/a") == 0)
    #expect(Self.refusal(place.shared + "/a/victim", .secret, .read)?.contains("link") == true)
    #expect(throws: GuardedFileError.self) { try GuardedFolder.make(place.shared + "/a/made", mode: 0o700) }
    #expect(FileIdentity(path: place.path + "/made") == nil)
  }

  @Test func linkThatOnlyThisUserCanHaveMadeIsFollowed() throws {
    let place = try Place(mode: 0o755)
    try #require(symlink("../victim", place.shared + "/a") == 0)
    #expect(Self.refusal(place.shared + "/a", .log, .append) == nil)
    try #require(symlink(place.path, place.shared + "/b") == 0)
    #expect(Self.refusal(place.shared + "/b/victim", .secret, .read) == nil)
  }

  @Test func circleOfLinksEnds() throws {
    let place = try Place(mode: 0o700)
    try #require(symlink("b", place.shared + "/a") == 0 && symlink("a", place.shared + "/b") == 0)
    #expect(Self.refusal(place.shared + "/a", .log, .append) != nil)
  }

  @Test func secondNameOfAnotherFileIsNotWritten() throws {
    let place = try Place(mode: 0o777)
    try #require(link(place.victim, place.shared + "/a") == 0)
    #expect(Self.refusal(place.shared + "/a", .log, .append)?.contains("second name") == true)
    #expect(Self.refusal(place.shared + "/a", .secret, .write)?.contains("second name") == true)
    #expect(place.victimText == "")
  }

  @Test(arguments: [GuardedFile.Access.write, .append, .read])
  func pipeDoesNotKeepAnybody(access: GuardedFile.Access) throws {
    let place = try Place(mode: 0o1777)
    try #require(mkfifo(place.shared + "/a", 0o600) == 0)
    #expect(Self.refusal(place.shared + "/a", .secret, access) != nil)
    #expect(Self.refusal(place.shared + "/a", .log, access) != nil)
  }

  @Test func folderIsNoFile() throws {
    let place = try Place(mode: 0o700)
    try #require(mkdir(place.shared + "/a", 0o700) == 0)
    for access in [GuardedFile.Access.write, .append, .read] {
      #expect(Self.refusal(place.shared + "/a", .secret, access) != nil)
    }
  }

  @Test func readersOfASecretAreTakenOut() throws {
    let place = try Place(mode: 0o700)
    try #require(chmod(place.victim, 0o644) == 0)
    #expect(Self.refusal(place.victim, .secret, .write) == nil)
    #expect(Self.mode(place.victim) == 0o600)
  }

  @Test func fileIsReplacedAsAWhole() throws {
    let place = try Place(mode: 0o1777)
    try #require(symlink(place.victim, place.shared + "/a") == 0)
    try GuardedFile.replace(place.shared + "/a", with: Array("new".utf8))
    #expect(place.victimText == "mine")
    #expect(try GuardedFile.read(place.shared + "/a") == Array("new".utf8))
    #expect(Self.mode(place.shared + "/a") == 0o600)
  }

  @Test func folderIsMadeForThisUserAlone() throws {
    let place = try Place(mode: 0o755)
    try GuardedFolder.make(place.shared + "/a/b", mode: 0o700)
    #expect(Self.mode(place.shared + "/a/b") == 0o700)
    try #require(chmod(place.shared + "/a/b", 0o777) == 0)
    try GuardedFolder.make(place.shared + "/a/b", mode: 0o700)
    #expect(Self.mode(place.shared + "/a/b") == 0o755, "nobody else writes there, whoever may read")
  }

  @Test(.enabled(if: geteuid() == 0)) func folderOfSomebodyElseIsNotUsedWhereTheyCanHaveMadeIt() throws {
    let place = try Place(mode: 0o1777)
    try #require(mkdir(place.shared + "/a", 0o700) == 0 && chown(place.shared + "/a", 65534, 65534) == 0)
    #expect(throws: GuardedFileError.self) { try GuardedFolder.make(place.shared + "/a", mode: 0o700) }
    let own = try Place(mode: 0o755)
    try #require(mkdir(own.shared + "/a", 0o700) == 0 && chown(own.shared + "/a", 65534, 65534) == 0)
    try GuardedFolder.make(own.shared + "/a", mode: 0o700)
  }

  @Test(.enabled(if: geteuid() == 0)) func fileOfSomebodyElseIsNotUsed() throws {
    let place = try Place(mode: 0o1777)
    close(open(place.shared + "/a", O_WRONLY | O_CREAT, 0o666))
    try #require(chown(place.shared + "/a", 65534, 65534) == 0)
    #expect(Self.refusal(place.shared + "/a", .secret, .write) == "belongs to another user")
    #expect(Self.refusal(place.shared + "/a", .log, .append) == "belongs to another user")
  }

  @Test func opennessOfAFolderIsTold() throws {
    #expect(GuardedFolder.isOpenToAll(try Place(mode: 0o777).shared))
    #expect(!GuardedFolder.isOpenToAll(try Place(mode: 0o1777).shared))
    #expect(!GuardedFolder.isOpenToAll(try Place(mode: 0o700).shared))
  }
}
