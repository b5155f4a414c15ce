/** What a page of the Hugging Face hub shows of a checkpoint's model.safetensors. */
export interface HubFile {
  readonly page: string;
  readonly bytes: number;
  /** null where the page is a list of files. */
  readonly sha256: string | null;
}

/** By checkpoint: the page's revision, megabytes, SHA-256. Only of pages that could be read when this was written. */
const FILES: Readonly<Record<string, string>> = {
  "resnet18.gluon_in1k": "main 46.8 6991fcc0c58379a8496f6273b2f211e492f6af6494041fded649a482772ad2bf",
  "resnet50.a1_in1k":
    "5d9e13b8fdab4d9718bcf2c8f5c3af01878367e8 102 773525d5821de224f8f30c33377b7a795d7863e08522698200d3217d3f2a41bb",
  "resnet50.a2_in1k": "main 102 f531f9aca4dde1b89e9a465c5b9e3b916a2d1b20a216acf3b9473d1e1212ecf6",
  "resnet50.b1k_in1k": "main 102 cd64707e0ef72aa0526ac6d46fba6495ad2088717adb47a62a0b526eb3cd3480",
  "resnet50.b2k_in1k": "main 102 0c89502f61808f6fac8c7044eb59c072877c171529fc001bc85403982115232c",
  "resnet50.d_in1k":
    "1b19255347a7d36c93793d53454047e236116f82 102 d8ed291891c8ee5777f68136665a4eee2f9ddeb2a9bc88acf4b1676b3bbebf55",
  "resnet50.ra_in1k":
    "bd3df32877dc17521c1121ab9498cdc4eebdd720 102 c49195c94e4fe19545a332e706f998d836f63b5d9892cc54526df3ee9b92ba18",
  "resnet50.tv_in1k": "main 102 5d061a3c593d795bfe682d9b152bafbcf550579873492def3515b46db1189888",
  "resnet50d.a1_in1k": "main 103 0b4f757b0732eb4c6584d2c3692923c3b92efe116b8a383fd4b5eb62fda660cb",
  "resnet50d.ra4_e3600_r224_in1k": "main 103 dcfb320732ed8e1e2fe689f577b4116eae0b20272d3b762a187c5999f62ac5bd",
  "resnext50_32x4d.a1h_in1k":
    "8af8dd95e2a7538fad74714fc76507d9de9de33c 100 b952952a7b3e856b16ebf82fb44d2aa8c502e73ec678976c9e3b970fcd530bd5",
  "resnext50_32x4d.a2_in1k":
    "1e2fad8de183cfcac6c58dab7f6b519e8d1ffd38 100 4b4522bcca81d90e486f8cfb92213597b899d68764ce5fc08db37e3352e02a7d",
  "resnext50_32x4d.a3_in1k":
    "97dff44c340d0f00933a0659edc8ccb444cef692 100 55480d1612cf33904614f2a3891a0853022cb78c95a3ad734e185ae6575ee545",
  "resnext50_32x4d.tv_in1k": "main 100 c0d85cba49c0e9dedbcf6d4e572e2c5ea5eb68e9d64d0564811fd54d4f72939a",
  "resnext101_32x4d.gluon_in1k": "main 177 fe0599be8d1841a4eac53668d059e3e11b3ec968047de658153c5df61421b0d7",
  "resnext101_32x8d.tv_in1k": "main 356 71c7427e233904ad828b768b9683876dc71f143876cbadaa26428bfea3560fc3",
  "resnext101_64x4d.gluon_in1k": "main 335",
  "resnext101_64x4d.tv_in1k":
    "56d0407ee160d0f4436a455f9d3f66f4454010ac 335 47528f24e5cd6844249c9e4ea11aed6619431b83a0596afe80efdfffdb369900",
  "senet154.gluon_in1k": "main 461",
  "seresnet50.a1_in1k": "main 113",
  "seresnet50.a2_in1k": "main 113 ff82ee22e5b6c607fd984f63b83a9a8b55787b2703c4683a5cd51297d27e9460",
  "seresnet152d.ra2_in1k": "main 268",
  "seresnext26d_32x4d.bt_in1k":
    "3c9b4bb4083e60b4259a878c4b4fec97cd0030dc 67.4 c4678033c69839fdcc6f181e290e957fdbbe12d1d6543308a2e68e90f08c2e38",
  "seresnext50_32x4d.gluon_in1k": "main 111",
  "seresnext50_32x4d.racm_in1k": "main 111",
  "seresnext101_64x4d.gluon_in1k": "main 354 599eeb3b73f19d0a0b09dc32a5edd8861009d28c1955d48c5b61caf0df14ffe1",
  "seresnext101d_32x8d.ah_in1k": "main 375",
  "seresnextaa101d_32x8d.sw_in12k": "main 464",
  "seresnextaa101d_32x8d.sw_in12k_ft_in1k": "main 375",
  "seresnextaa101d_32x8d.sw_in12k_ft_in1k_288": "main 375",
  "seresnextaa201d_32x8d.sw_in12k":
    "871be5cf6065683b87db099eb08dc92eb981e476 688 5b926c6d1c0383ac036574ed4fe95a983b90678c1ae4be6c57808bc2725aa608",
  "resnetrs50.tf_in1k": "main 143 cdc0ca71073acb12ea479681a3109ebb0e2548e9684bf8b9a32ec929d881f70c",
  "resnetrs101.tf_in1k": "main 255",
  "resnetrs200.tf_in1k": "main 374",
  "resnetrs420.tf_in1k": "main 769",
  "efficientnet_b3.ra2_in1k": "main 49.3 279d2a53898aa89dab43fd6bd7df9f706aea4cb9cf916223988bbcb8e5850469",
  "tf_efficientnet_b0.aa_in1k": "main 21.4 bc97e48e1360ee9d9c9d8a39ad2fb9b85ad150eb89d6fc69cd0f08301b5e0b3e",
  "tf_efficientnet_b0.ap_in1k": "main 21.4 07f60b4aa1a82bb743812f5c53cc5e56ec9c8d770ecdc11fdb52df67a2e4269d",
  "tf_efficientnet_b1.aa_in1k": "main 31.5 44df4f85e844442fe761fb0ce92a9e4b96b2ec5d209e9169956fe033da180145",
  "tf_efficientnet_b2.aa_in1k": "main 36.8 08d7bd5d858873cb1a829f51c01811c75117665b1de91c215acbcf836a23a5c9",
  "tf_efficientnet_b2.in1k": "main 36.8 7baae812d58f483b6c3ada0e445b93c40740776a5d007bf0fdbf8a4adfa5f348",
  "tf_efficientnet_b2.ns_jft_in1k":
    "0b36ae92ce0297321b5e790c3582a3f944b3b69d 36.8 d441728dab04096ffe5ba9fd85d9d7b7d988b0457273e683f9aba17d8e9c58c3",
  "tf_efficientnet_b4.ap_in1k": "main 77.9",
  "tf_efficientnet_b5.in1k": "main 122",
  "tf_efficientnet_b5.ra_in1k": "a0d7a66fc0e3470837820e4a8d8fc00ed6aacfd2 122",
  "tf_efficientnet_b7.ap_in1k": "main 267",
  "tf_efficientnet_b7.ra_in1k": "main 267",
  "tf_efficientnetv2_b0.in1k": "main 28.8 e134f5fc07f28cff44a0601a13d79d2eff6304fa7ed7d64332984e227c2785b3",
  "mobilenetv2_100.ra_in1k": "main 14.2 55ea4fb3a96010b933710ebf44fc965b070d5cd054d3f35e44f2d1320b4a714e",
  "mobilenetv3_large_100.ra_in1k": "main 22.1 f425af34cc1cead2b5d6211f789a1f30b94835dc32f9c0fcc5a916e4fd2dde85",
  "mobilenetv3_rw.rmsp_in1k": "main 22 78f9a50a9c3dc91bf3ef8bef0939b8a7c2f3670eba5c050c8a5a22467edf41d3",
  "mobilenetv3_small_050.lamb_in1k": "main 6.42 2e3f6937afd4b3704450518a2710168775d6c70ebfb7a0e9aaf06200c6fbe0c4",
  "mobilenetv3_small_075.lamb_in1k": "main 8.23 c56c9ffc148d94301a477d5678e6802d0251b22ff23376c396eacd737edad0b7",
  "mobilenetv3_small_100.lamb_in1k": "main 10.2",
  "tf_mobilenetv3_large_100.in1k": "main 22.1",
  "regnety_008_tv.tv2_in1k": "main 25.9 6f813b63debc3a5e0ba9f7c6ce4db5d160e0e7271d9174319bc8430b7e935572",
  "regnety_016.pycls_in1k":
    "bc2afffe9c4171afba4744181c3a62df88ab4239 45.1 c638bdae5e64c4c3e59725febae1a2596cbd33cc329e43d454c6e9007929c5c0",
  "regnety_016.tv2_in1k":
    "eacd8c1b04386f66d3740504ecf761773f3a93b6 45.1 e75ab6d43aa025452286ce74bbb5c35b72c88c8a6d11ff6a80fcf706fd4c5fdc",
  "regnety_120.sw_in12k": "main 305 f417a9bd91a6372d97f86fd733ede6881480e5bae95a05a1b75a5fab76430665",
  "regnety_160.sw_in12k": "main 466 208349933904b3b67611918cddab52e74701ab04ba8144da0cdde8caad3a3b61",
  "regnety_160.swag_ft_in1k": "main 335",
  "regnety_160.swag_lc_in1k": "main 335",
  "regnety_160.tv2_in1k": "main 335 e55e11e16400edcd7f2e0586e76a4e88f8155ff9861929aec7fe726f789cdc43",
  "regnety_320.seer":
    "7bfa4fcb7996036b645006f7d739ca305ca18a37 566 1baff95443d99313c7248da785a680e2e9b35ba64c75c05c29294f4583a9ace0",
  "regnety_320.swag_ft_in1k": "0b9b84f5d529eaf5ca8351e6237163b8d3b50a1b 581",
  "regnety_640.seer_ft_in1k": "main 1130 3a8066d01a2fa8bfd29c9c41bb4bd3785869bd7d5748fe36eec9edb238ca2a8a",
  "regnetz_b16.ra3_in1k":
    "c7919e4aaee86eab80cfd63ba965f32d3f0bbcc2 39.1 169c0a42674621a63c55c0c745a4dfc8d278ab20942602ab8ebc20ff2b4fb9ec",
  "vgg11.tv_in1k": "main 531 682c023808812148d4e60c76d80ad83dbeaf5d50eb1a952a0b836895003151e5",
  "vgg13_bn.tv_in1k":
    "ed6e64d6167edbe08697cb4d7ceaef5077972131 532 7dae235e35772693cd527e7ac9ef8f6594707a14a8d26aabdb83c0baa6847861",
  "vgg16.tv_in1k": "main 553 57b026918159a6bf9faf8405c3a551903768e7138989d9c6224a14227203fad8",
  "vgg16_bn.tv_in1k":
    "e00c01e7cee168262dcba6428dc4a8f41e27e965 554 88bbedbc8e780413736db38ac4efd41b06fc0e93fd5b8879b584bba63a950129",
  "vgg19_bn.tv_in1k": "main 575 f8249087e63bae61c6166bb23d7c26efe1b2a43fd9fb5cd60ac6ce00535ba312",
  "inception_resnet_v2.tf_in1k": "main 224",
  "inception_resnet_v2.tf_ens_adv_in1k": "main 224",
  "densenet121.ra_in1k": "e65bed9f92a2e438879b179438d22ed719be26d6 32.3",
  "densenet121.tv_in1k": "main 32.3",
};

export function hubFile(checkpoint: string): HubFile | undefined {
  const file = FILES[checkpoint];
  if (file === undefined) return undefined;
  const [revision = "", megabytes, sha256 = null] = file.split(" ");
  const repository = `https://huggingface.co/timm/${checkpoint}`;
  const page = sha256 ? `${repository}/blob/${revision}/model.safetensors` : `${repository}/tree/${revision}`;
  return { page, bytes: Math.round(Number(megabytes) * 1e6), sha256 };
}
