// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

/// References into vaults as Kong reads them (facts: config-cli.md 6).
@Suite struct VaultReferenceTests {
  struct Case: CustomTestStringConvertible {
    let text: String
    let vault: String
    let resource: String
    let key: String?
    var testDescription: String { self.text }

    init(_ text: String, _ vault: String, _ resource: String, _ key: String? = nil) {
      (self.text, self.vault, self.resource, self.key) = (text, vault, resource, key)
    }
  }

  @Test(arguments: [
    Case("{vault://env/test}", "env", "test"),
    Case("{vault://env/test-secret/test-key}", "env", "test-secret", "test-key"),
    Case("{vault://env/a/b/c}", "env", "a/b", "c"),
    Case("{vault://env/test%3Asecret/test%3Akey}", "env", "test:secret", "test:key"),
    Case("{vault://env//////test-secret//////test-key}", "env", "test-secret", "test-key"),
    Case("{vault://env/test-secret/test-key/}", "env", "test-secret/test-key"),
    Case("{vault://env//////test-secret//////test-key//////}", "env", "test-secret/test-key"),
    Case("{vault://my-vault/x?prefix=a_#1}", "my-vault", "x"),
    Case("{vault://env/100%}", "env", "100%"),
  ])
  func referencesAreTakenApart(_ given: Case) throws {
    let reference = try VaultReference(given.text)
    #expect(reference.vault == given.vault)
    #expect(reference.resource == given.resource)
    #expect(reference.key == given.key)
  }

  @Test func optionsAndVersionAreRead() throws {
    let reference = try VaultReference("{vault://env/test?opt1=val1&opt2=v%41l2&flag#2}")
    #expect(reference.options == ["opt1": "val1", "opt2": "vAl2", "flag": ""])
    #expect(reference.version == 2)
  }

  @Test(arguments: [
    ("{vault://env}", "reference url is missing path [{vault://env}]"),
    ("{vault://env/}", "reference url has empty path [{vault://env/}]"),
    ("{vault://env/////}", "reference url has invalid path [{vault://env/////}]"),
    ("{vault://env/x#new}", "reference url has invalid version [{vault://env/x#new}]"),
    ("{vault:///x}", "reference url is missing host [{vault:///x}]"),
    ("vault://env/x", "not a reference [vault://env/x]"),
  ])
  func whatIsNoReferenceIsRefusedInKongsWords(_ text: String, _ message: String) {
    #expect(throws: VaultFault(message)) { try VaultReference(text) }
  }

  private static let vaults = Vaults(
    environment: [
      "TEST": "plain", "TEST_PREVIOUS": "old", "EMPTY": "", "MY_LEVEL": "debug", "APP_TEST": "of the app",
      "PG": #"{"user": "bob", "port": 5432, "on": true, "deep": {"a": 1}, "none": null}"#, "LIST": "[1]", "BAD": "{",
      "SHOP_TEST": "of the shop",
    ], entityPrefixes: ["shop": "shop_", "bare": ""])

  @Test(arguments: [
    ("{vault://env/test}", "plain"), ("{vault://env/TEST}", "plain"), ("{vault://env/test#1}", "plain"),
    ("{vault://env/test#2}", "old"), ("{vault://env/empty}", ""), ("{vault://env/my-level}", "debug"),
    ("{vault://env/my%2Dlevel}", "debug"), ("{vault://env/test?prefix=app_}", "of the app"),
    ("{vault://env/test?prefix=APP-}", "of the app"), ("{vault://env/pg/user}", "bob"),
    ("{vault://env/pg/port}", "5432"), ("{vault://env/pg/on}", "true"), ("{vault://shop/test}", "of the shop"),
    ("{vault://bare/test}", "plain"), ("{vault://shop/test?prefix=app_}", "of the app"),
    ("{vault://shop/test?prefix=}", "plain"),
  ])
  func valuesComeFromTheEnvironment(_ text: String, _ value: String) throws {
    #expect(try Self.vaults.value(of: text) == value)
  }

  @Test(arguments: [
    ("{vault://env/absent}", "could not get value from external vault (no value found)"),
    ("{vault://env/pg/absent}", "subfield absent not found in JSON secret"),
    ("{vault://env/pg/deep}", "unexpected value in JSON secret for subfield deep"),
    ("{vault://env/pg/none}", "unexpected value in JSON secret for subfield none"),
    ("{vault://env/list/x}", "unable to json decode value"), ("{vault://env/bad/x}", "unable to json decode value"),
    ("{vault://none/test}", "could not find vault (none)"),
  ])
  func whatStandsForNothingSaysWhy(_ text: String, _ words: String) {
    do throws(VaultFault) {
      _ = try Self.vaults.value(of: text)
      Issue.record("\(text) has a value")
    } catch {
      #expect(error.description.contains(words), "\(error)")
      #expect(!error.description.contains("bob"), "\(error)")
    }
  }

  @Test func thePropertysPrefixCountsForTheEnvironmentOnly() throws {
    var vaults = Self.vaults
    vaults.environmentPrefix = "app-"
    #expect(try vaults.value(of: "{vault://env/test}") == "of the app")
    #expect(try vaults.value(of: "{vault://bare/test}") == "plain")
  }
}
