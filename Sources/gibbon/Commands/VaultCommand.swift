// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import ArgumentParser
internal import GibbonConfig
internal import GibbonControl
internal import GibbonModel
internal import GibbonSchema
internal import GibbonStore

/// `gibbon vault`
struct VaultCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vault", abstract: "Read secrets as the gateway would.", subcommands: [Get.self])

  /// `gibbon vault get`
  struct Get: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print what a reference stands for.",
      discussion: """
        The environment is that of this command. Vaults other than 'env' are those of the database, or of the \
        declarative file.

        Examples:
          gibbon vault get env/redis-password
          gibbon vault get '{vault://env/postgres/password?prefix=shop_#2}'
        """)

    @Argument(help: ArgumentHelp("A reference, with or without '{vault://' and '}'.", valueName: "reference"))
    var reference: String?

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var verbosity: Verbosity

    func run() throws {
      guard let given = self.reference else {
        throw Failure(
          "the 'get' command needs a <reference> argument", advice: "Name one: gibbon vault get env/redis-password")
      }
      let text = given.isVaultReference ? given : "{vault://\(given)}"
      do {
        let reference = try VaultReference(text)
        let configuration = try self.options.load(self.verbosity)
        var vaults = configuration.vaults
        if reference.vault != Vaults.environmentName {
          vaults = vaults.adding(try Gateway.vaults(configuration))
        }
        Console.say(try vaults.value(of: text))
      } catch let fault as VaultFault {
        throw Failure(fault.description)
      }
    }
  }
}

extension Gateway {
  /// The vault entities that a gateway with this configuration would know.
  static func vaults(_ configuration: Configuration) throws -> [Vault] {
    if configuration.database == .off {
      return try EntitySource(configuration).load(configuration, inspects: false).vaults
    }
    let tasks = try DatastoreTasks(configuration)
    defer { tasks.close() }
    return try tasks.vaults()
  }
}
