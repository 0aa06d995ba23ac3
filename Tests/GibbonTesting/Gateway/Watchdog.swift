// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Foundation
internal import Synchronization

/// Kills the programs and removes the folder of a test run that ended without doing it: a shell that reads process ids
/// from a pipe and acts when the pipe closes, which happens however the test process dies.
final class Watchdog: Sendable {
  static let shared = Watchdog()

  private let pipeEnd: Int32

  private static let script = """
    while read sign id; do
      case $sign in
        +) alive="$alive $id " ;;
        -) alive=$(printf '%s' "$alive" | sed "s/ $id //") ;;
        r) folder=$id ;;
      esac
    done
    for id in $alive; do kill -s KILL -- -$id 2>/dev/null; done
    case $folder in /tmp/gibbon-test-*) rm -rf "$folder" ;; esac
    """

  private init() {
    var ends: [Int32] = [-1, -1]
    let made = descriptorLock.withLock { _ in
      let made = pipe(&ends)
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      return made
    }
    guard made == 0 else {
      self.pipeEnd = -1
      return
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    // Nothing inherited may stay open in it: it outlives the test process for a moment.
    closeInheritedOnExec()
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    // A group of its own, so that Ctrl-C at the terminal does not end it before its work.
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    var words: [UnsafeMutablePointer<CChar>?] = ["sh", "-c", Watchdog.script].map { (word: String) in strdup(word) }
    words.append(nil)
    var started: pid_t = 0
    _ = descriptorLock.withLock { _ in posix_spawn(&started, "/bin/sh", &actions, &attributes, &words, environ) }
    for word in words { free(word) }
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
    close(ends[0])
    self.pipeEnd = ends[1]
  }

  func watch(_ process: pid_t) { self.say("+ \(process)\n") }
  func removeAtEnd(_ folder: String) { self.say("r \(folder)\n") }
  func forget(_ process: pid_t) { self.say("- \(process)\n") }

  private func say(_ line: String) {
    if self.pipeEnd >= 0 { _ = line.withCString { write(self.pipeEnd, $0, strlen($0)) } }
  }
}
