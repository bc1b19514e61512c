// What is known of single files of the catalogue: sizes in bytes, sha256, revisions. See catalog-facts.mjs
// for what 'pinned' and 'hint' mean.

/** Size and sha256 of files, by quantisation: [bytes, sha256, status]. */
export const known40 = {
  '350m': {
    revision: ['b8208a86a58427e1739265318028eb5895b74bf2', 'pinned'],
    files: {
      Q4_K_M: [
        236985760,
        '771c588a49607f274a2bba3185733607ebe6f74b996ab90e2d6bee0d98bcec52',
        'pinned',
      ],
      Q8_0: [378138016, '9595dafb4ed15aa02512c8ea26188744192a6f09530eae0a2747bd3ada96cd36', 'hint'],
    },
  },
  'h-350m': {
    revision: ['a864f823cce6e6048b5752e2816fe7a23987d790', 'hint'],
    files: {
      Q8_0: [366195616, 'c7d9873640dc303b6773dcc44e72e5bdf533e1c95ca8421e6191fbff5c94c942', 'hint'],
    },
  },
  '1b': {
    revision: ['b27c2fe3f211b7f44e80fa620177aea371099aaa', 'hint'],
    files: {
      Q4_K_M: [
        1023645440,
        '22ec0f9cc99a90185312de3c882c84e7bd6789bdd050389844380a01a831d7f1',
        'hint',
      ],
    },
  },
  'h-1b': { revision: null, files: { Q4_K_M: [901162208, null, 'hint'] } },
  micro: {
    revision: null,
    files: {
      Q4_K_M: [
        2099502528,
        '97c417dcc0534b0737c74016fb2af083cb17c3b51eaac621192d23961b7024eb',
        'hint',
      ],
    },
  },
  'h-micro': {
    revision: ['51ce07a9c9cfa971ca359d9625836bf8a4a1b61f', 'hint'],
    files: {
      Q2_K: [
        1226247840,
        'e60b313fc0ce2a0a2c3903f4399ac61fe1048c38f219bcbd9f7a708e168b8ead',
        'hint',
      ],
      Q3_K_M: [
        1555472032,
        'bb684177d546a2c6d3aec9cc591fc8fa75d9c16a27e798cbb2400fe52d9b7e29',
        'hint',
      ],
      Q4_K_M: [
        1942564512,
        'c698c78e895740f0e707eb7f8e92894f83f6d5b3f2f2f0b446dfe9635fa0063e',
        'hint',
      ],
      Q5_K_M: [
        2273455776,
        '69857575412143ea74d66e4d54ad70ec420d42452eadfff4a7cc043fe445ed4c',
        'hint',
      ],
      Q8_0: [
        3397676704,
        'a009111abf2865b7aad1e66326a6c772cddc29bccd22898f470292068b27bb59',
        'hint',
      ],
    },
  },
  'h-tiny': {
    revision: ['08d5a8a9741dd5c1a95d2d39e25253226aa1464e', 'pinned'],
    files: {
      Q4_K_M: [
        4230976352,
        '5a38b08c441ae1adbafb1d2b8a7167e0d48734d83af68b268cefea1eec553dcd',
        'pinned',
      ],
    },
  },
  'h-small': {
    revision: ['6522095069a86fc3186b8632850e4373dd850cac', 'hint'],
    files: { Q4_K_M: [19476621984, null, 'hint'] },
  },
};

/** From the statement that IBM signed for granite-4.2-3b-GGUF. */
export const signed42 = {
  Q2_K: 'a66f94672d05104517ae844664cac86086f627e29f8e6410bce4c42849afc71b',
  Q3_K_L: '99f8a87638f740420b415017901e1b23a3701e4f12b76cf42518bdaa01482e83',
  Q3_K_M: 'cf620d4d440f544ece5e6257ed86539d7729d75c3585c9e17dd74d2632a34322',
  Q3_K_S: 'cd7dd8e5c38523514d70083e4cbd88a0cecb5c8f86ef57cd0b80c15b84aa369e',
  Q4_0: 'd34a4a7c0b230d3f544eca502beb7e04efc3a0ebd59e2f2df50058f23cc20711',
  Q4_1: '2fe0f96ec5c7aff6f0713e5970ec68a1066231b78d5a48783338106a90abfb7e',
  Q4_K_M: 'e0406663965846ae22a403456eb826ccce5f450840491f71952f18a7cb78e7d5',
  Q4_K_S: '2719546cd7202b70099aa6b9e03b4d4d69851bef12089bcf5c351a72b61a1de9',
  Q5_0: 'edf6a67910492f875646347fe9df5a1ca584831c1acde19923ba9a73b145d951',
  Q5_1: '42804ba675926aeacb4c5940d656caaa3869667fdaf42e5966244c1ab10c973d',
  Q5_K_M: '982e797413f842329266a00c2a85ce540bb5c1b65ac4646276bfb9d2886c5efe',
  Q5_K_S: '345c66d60ca7a7b43e2cde9b8876cf06bf47775ba9cc23253a3235afd0d72726',
  Q6_K: '2e08e2790489162105be79b7f26a81fde28ea30119fa6df12594acd59f12dd96',
  Q8_0: 'fbe986738041418e26de9e123ba740cb654931f85bf572a71bd01f9e6b85e53d',
  bf16: '8aad15f38ab5796190c9701b1913fd8f0bef01968a42cd16ffe469831564ef47',
};
/** granite-4.2-8b-Q4_K_M, from one source. */
export const guess42 = '16a9369d0805f80b7377d25d87f937a90c05dc04ad79173a52001e42c9aab311';
